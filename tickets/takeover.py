"""A person takes a conversation over, gives it back, and closes its ticket."""

from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from tickets.case import Status, Ticket
from tickets.conversations import Talking
from tickets.database import TicketStoreError, explained
from tickets.lookup import ticket_row
from tickets.models import ConversationRow, TicketRow
from tickets.transactions import write

NAME_CHARS = 100


class Standing(BaseModel):
    """How a ticket and its conversation stand.

    Attributes:
        ticket: The ticket.
        talking: Who talks with the shopper.
        agent: The person who talks, or who has just stopped; None when there is none.
        takeovers: How often a person came into this conversation; names the stay.
    """

    model_config = ConfigDict(frozen=True)

    ticket: Ticket
    talking: Talking
    agent: str | None
    takeovers: int


class Takeover:
    """Who talks, in the database of the tickets; may be shared by threads.

    Every change holds the lock of the conversation first and of its tickets then: of two agents
    who claim at once one wins, and the other one is told who.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = sessionmaker(engine)

    def claim(self, reference: str, agent: str) -> Standing:
        """Give ticket and conversation to an agent; from the commit on the bot is silent.

        Doing so again changes nothing.

        Raises:
            TicketStoreError: there is no such ticket, it is resolved, another agent talks there,
                nobody is named, or nothing could be written.
        """
        name = agent_name(agent)
        return self._change(reference, lambda _, row, talk: _claim(row, talk, name))

    def hand_back(self, reference: str) -> Standing:
        """Give the conversation back to the bot; its claimed tickets are open again.

        Doing so again changes nothing.

        Raises:
            TicketStoreError: there is no such ticket, it is resolved, no person ever talked there,
                or nothing could be written.
        """
        return self._change(reference, _hand_back)

    def resolve(self, reference: str) -> Standing:
        """Close the ticket; the bot talks again unless the agent has another ticket there.

        Doing so again changes nothing.

        Raises:
            TicketStoreError: there is no such ticket, or nothing could be written.
        """
        return self._change(reference, _resolve)

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
            return _standing(ticket, talk, talk.agent)

    def _change(
        self,
        reference: str,
        change: Callable[[Session, TicketRow, ConversationRow], None],
    ) -> Standing:
        def changed(session: Session) -> Standing:
            row, talk = _locked(session, reference)
            before = talk.agent
            change(session, row, talk)
            session.flush()
            return _standing(row, talk, talk.agent or before)

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
    """Both rows, the conversation's first: in one order for all, so that none wait in a circle."""
    conversation_id = ticket_row(session, reference).conversation_id
    talk = session.get(ConversationRow, conversation_id, with_for_update=True)
    if talk is None:
        # Two that come at once cannot both insert: the slower one begins anew and finds it.
        talk = ConversationRow(
            conversation_id=conversation_id,
            talking="bot",
            takeovers=0,
            updated_at=datetime.now(UTC),
        )
        session.add(talk)
        session.flush()
    row = ticket_row(session, reference)
    # As it is now, not as it was before the wait.
    session.refresh(row, with_for_update=True)
    return row, talk


def _claim(row: TicketRow, talk: ConversationRow, name: str) -> None:
    if row.status == Status.RESOLVED:
        raise _resolved_already(row)
    if talk.talking == "agent" and talk.agent != name:
        raise TicketStoreError(
            f"Expected a conversation that nobody else has, found {row.reference} with "
            f"{talk.agent}. Ask {talk.agent} to run `amends tickets hand-back {row.reference}`."
        )
    if talk.talking != "agent":
        talk.takeovers += 1
        _set_talking(talk, "agent", name)
    _set_status(row, Status.CLAIMED)


def _hand_back(session: Session, row: TicketRow, talk: ConversationRow) -> None:
    if row.status == Status.RESOLVED:
        raise _resolved_already(row)
    if talk.takeovers == 0:
        raise TicketStoreError(
            f"Expected a conversation that a person has, found {row.reference} with the bot, which "
            "had it all along. There is nothing to hand back."
        )
    for claimed in _claimed(session, talk):
        _set_status(claimed, Status.OPEN)
    _set_talking(talk, "bot", None)


def _resolve(session: Session, row: TicketRow, talk: ConversationRow) -> None:
    _set_status(row, Status.RESOLVED)
    session.flush()
    # An agent with two tickets there closes the first one and goes on talking.
    if not _claimed(session, talk):
        _set_talking(talk, "bot", None)


def _claimed(session: Session, talk: ConversationRow) -> list[TicketRow]:
    query = (
        select(TicketRow)
        .where(
            TicketRow.conversation_id == talk.conversation_id, TicketRow.status == Status.CLAIMED
        )
        .with_for_update()
    )
    return list(session.scalars(query))


def _set_status(row: TicketRow, status: Status) -> None:
    if row.status != status:
        row.status, row.updated_at = status, datetime.now(UTC)


def _set_talking(talk: ConversationRow, talking: Talking, agent: str | None) -> None:
    if talk.talking != talking:
        talk.talking, talk.agent, talk.updated_at = talking, agent, datetime.now(UTC)


def _resolved_already(row: TicketRow) -> TicketStoreError:
    return TicketStoreError(
        f"Expected a ticket that is not resolved, found {row.reference} resolved. "
        "What the shopper complains of next opens a new one."
    )


def _standing(row: TicketRow, talk: ConversationRow, agent: str | None) -> Standing:
    return Standing.model_validate(
        {
            "ticket": Ticket.model_validate(row),
            "talking": talk.talking,
            "agent": agent,
            "takeovers": talk.takeovers,
        }
    )
