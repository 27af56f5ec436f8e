"""What was said in conversations that have tickets, and who talks there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import Engine, select, update
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
    """Who talks with a shopper, and since when; None when it was always the bot.

    Attributes:
        talking: Who talks.
        agent: The person's name; None when none talks.
        since: When that began.
        waits: How often the shopper began to wait for a person.
    """

    model_config = ConfigDict(frozen=True)

    talking: Talking = "bot"
    agent: str | None = None
    since: datetime | None = None
    waits: int = 0


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
        return self.record_all((line,)) == 1

    def record_all(self, lines: Sequence[Line]) -> int:
        """Store several at once, each once; returns after they are committed.

        Returns:
            How many of them are new.

        Raises:
            TicketStoreError: nothing was written.
        """

        def recorded(session: Session) -> int:
            return sum(_recorded(session, line) for line in lines)

        return write(self._engine, recorded)

    def score(
        self, conversation_id: str, message_id: str, assessment: dict[str, JsonValue]
    ) -> None:
        """Store the scores of a message that was recorded without; the first ones stay.

        Raises:
            TicketStoreError: nothing was written.
        """
        query = select(ConversationMessageRow).where(
            ConversationMessageRow.conversation_id == conversation_id,
            ConversationMessageRow.message_id == message_id,
            ConversationMessageRow.assessment.is_(None),
        )

        def scored(session: Session) -> None:
            row = session.scalar(query)
            if row is not None:
                row.assessment = assessment
                _announce(session, conversation_id)

        write(self._engine, scored)

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
                {
                    "talking": row.talking,
                    "agent": row.agent,
                    "since": row.updated_at,
                    "waits": row.waits,
                }
            )

    def shopper_name(self, conversation_id: str) -> str | None:
        """What the shop calls the shopper; None for one whom it did not identify.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        query = select(ConversationRow.shopper_name).where(
            ConversationRow.conversation_id == conversation_id
        )
        with explained(self._engine.url), self._read() as session:
            return session.scalar(query)

    def name_shopper(self, conversation_id: str, name: str) -> None:
        """Remember what the shop calls the shopper of a conversation that a person has or had.

        Raises:
            TicketStoreError: nothing was written.
        """
        named = (
            update(ConversationRow)
            .where(
                ConversationRow.conversation_id == conversation_id,
                ConversationRow.shopper_name.is_distinct_from(name),
            )
            .values(shopper_name=name)
        )
        write(self._engine, lambda session: session.execute(named))


def _recorded(session: Session, line: Line) -> bool:
    known = select(ConversationMessageRow.id).where(
        ConversationMessageRow.conversation_id == line.conversation_id,
        ConversationMessageRow.message_id == line.message_id,
    )
    if session.scalar(known) is not None:
        return False
    attachment = _own_attachment(session, line)
    session.add(ConversationMessageRow(**{**line.model_dump(), "attachment_id": attachment}))
    _announce(session, line.conversation_id)
    return True


def _announce(session: Session, conversation_id: str) -> None:
    for reference in _active_references(session, conversation_id):
        announce(session, reference)


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
