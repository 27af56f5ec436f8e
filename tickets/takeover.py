"""A person takes a conversation over, gives it back, and closes its ticket."""

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from tickets import transitions
from tickets.case import Status, Ticket
from tickets.conversations import Talking
from tickets.database import TicketStoreError, explained
from tickets.lookup import ticket_row
from tickets.models import ConversationRow, OutboxRow, TicketRow
from tickets.talks import locked_conversation
from tickets.transactions import write

NAME_CHARS = 100

COMMAND_LINE = "command line"
"""Who did something when nobody says who."""

Change = Callable[[Session, TicketRow, ConversationRow], None]


class Standing(BaseModel):
    """How a ticket and its conversation stand.

    Attributes:
        ticket: The ticket.
        talking: Who talks with the shopper.
        agent: The person who talks, or who has just stopped; None when there is none.
        takeovers: How often a person came into this conversation; names the stay.
        untold: Ids of outbox rows with what the shopper has not been told yet, oldest first.
    """

    model_config = ConfigDict(frozen=True)

    ticket: Ticket
    talking: Talking
    agent: str | None
    takeovers: int
    untold: tuple[int, ...] = ()


class Takeover:
    """Who talks, in the database of the tickets; may be shared by threads.

    Every change holds the lock of the conversation first and of its tickets then: of two agents
    who claim at once one wins, and the other one is told who. What the shopper is to be told is
    committed with the change, as an event of the outbox.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = sessionmaker(engine)

    def claim(self, reference: str, agent: str, login: str | None = None) -> Standing:
        """Give ticket and conversation to an agent; from the commit on the bot is silent.

        Doing so again changes nothing.

        Args:
            reference: Of the ticket, in any capitals and with or without `AM-`.
            agent: What the shopper calls them.
            login: Their account at the desk; the name where there is none.

        Raises:
            TicketStoreError: there is no such ticket, it is resolved, another agent talks there,
                nobody is named, or nothing could be written.
        """
        name = agent_name(agent)
        return self._change(reference, transitions.claim(login or name, name))

    def release(self, reference: str, by: str = COMMAND_LINE) -> Standing:
        """Put a claimed ticket back into the queue; the shopper waits for another person.

        Doing so again changes nothing.

        Raises:
            TicketStoreError: there is no such ticket, it is resolved, or nothing could be written.
        """
        return self._change(reference, transitions.release(by))

    def assign(self, reference: str, to: str | None, by: str = COMMAND_LINE) -> Standing:
        """Say whose ticket it shall be; who has it now, leaves it. None: nobody's.

        The one it is assigned to is not with the shopper before they claim it.

        Raises:
            TicketStoreError: there is no such ticket, it is resolved, or nothing could be written.
        """
        return self._change(reference, transitions.assign(to, by))

    def hand_back(self, reference: str, by: str = COMMAND_LINE) -> Standing:
        """Give the conversation back to the bot; its claimed tickets are open again.

        Doing so again changes nothing.

        Raises:
            TicketStoreError: there is no such ticket, it is resolved, the bot had the conversation
                all along, or nothing could be written.
        """
        return self._change(reference, transitions.hand_back(by))

    def resolve(self, reference: str, by: str = COMMAND_LINE) -> Standing:
        """Close the ticket; the bot talks again unless a person is needed there all the same.

        That is: the agent who talks has another ticket there, or the shopper waits for a person
        and another ticket there is open.

        Doing so again changes nothing.

        Raises:
            TicketStoreError: there is no such ticket, or nothing could be written.
        """
        return self._change(reference, transitions.resolve(by))

    def reopen(self, reference: str, by: str = COMMAND_LINE) -> Standing:
        """Open a resolved ticket again; who talks stays as it is.

        Doing so again changes nothing.

        Raises:
            TicketStoreError: there is no such ticket, the conversation has a newer one about the
                same thing, or nothing could be written.
        """
        return self._change(reference, transitions.reopen(by))

    def speaker(self, reference: str) -> Standing:
        """The person who may reply on this ticket.

        Raises:
            TicketStoreError: there is no such ticket, nobody has claimed it, or the database cannot
                be read.
        """
        with explained(self._engine.url), self._read() as session:
            ticket = ticket_row(session, reference)
            talk = session.get(ConversationRow, ticket.conversation_id)
            if ticket.status != Status.CLAIMED or talk is None or talk.talking != "agent":
                raise TicketStoreError(
                    f"Expected a ticket that somebody has claimed, found {ticket.reference} "
                    f"{ticket.status}. Run `amends tickets claim {ticket.reference} --as NAME`."
                )
            return _standing(session, ticket, talk, talk.agent)

    def _change(self, reference: str, change: Change) -> Standing:
        def changed(session: Session) -> Standing:
            row, talk = _locked(session, reference)
            before = talk.agent
            change(session, row, talk)
            session.flush()
            return _standing(session, row, talk, talk.agent or before)

        return write(self._engine, changed)


def agent_name(typed: str) -> str:
    """A name that shoppers may read: printable, single blanks.

    Raises:
        TicketStoreError: nothing is left of it, or it is too long.
    """
    name = "".join(filter(str.isprintable, " ".join(typed.split())))
    if not 1 <= len(name) <= NAME_CHARS:
        raise TicketStoreError(
            f"Expected the name that the shopper shall read, 1 to {NAME_CHARS} characters, found "
            f"{len(name)}. Correct --as."
        )
    return name


def _locked(session: Session, reference: str) -> tuple[TicketRow, ConversationRow]:
    talk = locked_conversation(session, ticket_row(session, reference).conversation_id)
    row = ticket_row(session, reference)
    # As it is now, not as it was before the wait.
    session.refresh(row, with_for_update=True)
    return row, talk


def _standing(
    session: Session, row: TicketRow, talk: ConversationRow, agent: str | None
) -> Standing:
    untold = select(OutboxRow.id).where(
        OutboxRow.ticket_id == row.id,
        OutboxRow.event.startswith("chat."),
        OutboxRow.delivery == "pending",
    )
    return Standing.model_validate(
        {
            "ticket": Ticket.model_validate(row),
            "talking": talk.talking,
            "agent": agent,
            "takeovers": talk.takeovers,
            "untold": tuple(session.scalars(untold.order_by(OutboxRow.id))),
        }
    )
