"""The state machine of a conversation: bot, waiting, agent, and bot again."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets.case import Status
from tickets.models import ConversationRow, TicketRow


def locked_conversation(session: Session, conversation_id: str) -> ConversationRow:
    """The row of a conversation, made where there is none, and locked.

    Whoever changes a conversation and its tickets locks the conversation first, so that none wait
    in a circle. Two that come at once cannot both insert: the slower one fails, begins anew
    (`tickets.transactions.write`) and finds the row.
    """
    talk = session.get(ConversationRow, conversation_id, with_for_update=True)
    if talk is None:
        talk = ConversationRow(
            conversation_id=conversation_id,
            talking="bot",
            takeovers=0,
            waits=0,
            updated_at=datetime.now(UTC),
        )
        session.add(talk)
        session.flush()
    return talk


def wait(talk: ConversationRow) -> None:
    """From now on the shopper waits for a person; nothing changes while one is there."""
    if talk.talking == "bot":
        talk.waits += 1
        _set(talk, "waiting", None, None)


def take_over(talk: ConversationRow, login: str, name: str) -> None:
    """A person talks from now on."""
    if talk.talking != "agent" or talk.owner != login:
        talk.takeovers += 1
        _set(talk, "agent", login, name)


def leave(talk: ConversationRow) -> None:
    """The person goes, and the shopper waits for another one."""
    talk.waits += 1
    _set(talk, "waiting", None, None)


def give_back(talk: ConversationRow) -> None:
    """The bot talks from now on."""
    if talk.talking != "bot":
        _set(talk, "bot", None, None)


def is_over(session: Session, talk: ConversationRow) -> bool:
    """Whether nobody is needed there any more, now that a ticket was resolved.

    An agent with another ticket goes on talking; who waits for a person does so while any ticket
    is open.
    """
    needed = (Status.CLAIMED,) if talk.talking == "agent" else (Status.OPEN, Status.CLAIMED)
    return talk.talking != "bot" and not tickets_of(session, talk, *needed)


def claimed_tickets(session: Session, talk: ConversationRow) -> list[TicketRow]:
    """The tickets of a conversation that an agent has now, locked."""
    return tickets_of(session, talk, Status.CLAIMED)


def tickets_of(session: Session, talk: ConversationRow, *statuses: Status) -> list[TicketRow]:
    """The tickets of a conversation that stand so, locked."""
    query = (
        select(TicketRow)
        .where(TicketRow.conversation_id == talk.conversation_id, TicketRow.status.in_(statuses))
        .order_by(TicketRow.id)
        .with_for_update()
    )
    return list(session.scalars(query))


def _set(talk: ConversationRow, talking: str, login: str | None, name: str | None) -> None:
    talk.talking, talk.owner, talk.agent = talking, login, name
    talk.updated_at = datetime.now(UTC)
