"""What was said in conversations that have tickets, and who talks there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from tickets.case import Identifier, Text
from tickets.database import explained
from tickets.models import AttachmentRow, ConversationMessageRow, ConversationRow, TicketRow
from tickets.record import announce
from tickets.transactions import write

Talking = Literal["bot", "waiting", "agent"]


class Line(BaseModel):
    """Something that was said; `created_at` is when, in UTC.

    Attributes:
        conversation_id: Rasa's sender id.
        message_id: Names the message within the conversation; the same id is the same message.
        role: Who said it.
        name: What the speaker is called; None when that is not known.
        text: With personal data masked; may be empty beside an attachment.
        attachment_id: A file that came with it.
        assessment: Scores of a shopper's message, as JSON; None when nothing scored it.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    conversation_id: Identifier
    message_id: Identifier
    role: Literal["shopper", "bot", "agent", "notice"]
    name: Annotated[Text, Field(max_length=255)] | None = None
    text: Text
    attachment_id: str | None = None
    assessment: dict[str, JsonValue] | None = None
    created_at: datetime


class Owner(BaseModel):
    """Who talks with a shopper, and since when; None when it was always the bot."""

    model_config = ConfigDict(frozen=True)

    talking: Talking = "bot"
    agent: str | None = None
    since: datetime | None = None


class ConversationStore:
    """Conversations in the database of the tickets; may be shared by threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = sessionmaker(engine)

    def record(self, line: Line) -> bool:
        """Store what was said, once; returns after it is committed.

        An attachment of another conversation is left out: its id proves nothing.

        Returns:
            Whether it is new.

        Raises:
            TicketStoreError: nothing was written.
        """
        return write(self._engine, lambda session: _recorded(session, line))

    def lines(self, conversation_id: str) -> tuple[Line, ...]:
        """Everything that was said there while a person talked, oldest first.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        query = (
            select(ConversationMessageRow)
            .where(ConversationMessageRow.conversation_id == conversation_id)
            .order_by(ConversationMessageRow.created_at, ConversationMessageRow.id)
        )
        with explained(self._engine.url), self._read() as session:
            return tuple(map(Line.model_validate, session.scalars(query)))

    def owner(self, conversation_id: str) -> Owner:
        """Who talks there now.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        with explained(self._engine.url), self._read() as session:
            row = session.get(ConversationRow, conversation_id)
            if row is None:
                return Owner()
            return Owner.model_validate(
                {"talking": row.talking, "agent": row.agent, "since": row.updated_at}
            )


def _recorded(session: Session, line: Line) -> bool:
    known = select(ConversationMessageRow.id).where(
        ConversationMessageRow.conversation_id == line.conversation_id,
        ConversationMessageRow.message_id == line.message_id,
    )
    if session.scalar(known) is not None:
        return False
    attachment = _own_attachment(session, line)
    session.add(ConversationMessageRow(**{**line.model_dump(), "attachment_id": attachment}))
    for reference in _active_references(session, line.conversation_id):
        announce(session, reference)
    return True


def _active_references(session: Session, conversation_id: str) -> Sequence[str]:
    query = select(TicketRow.reference).where(
        TicketRow.conversation_id == conversation_id, TicketRow.status != "resolved"
    )
    return session.scalars(query).all()


def _own_attachment(session: Session, line: Line) -> str | None:
    query = select(AttachmentRow.id).where(
        AttachmentRow.id == line.attachment_id,
        AttachmentRow.conversation_id == line.conversation_id,
    )
    return session.scalar(query)
