"""Tables of the ticket store."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

ACTIVE = text("status IN ('open', 'claimed')")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite stores no time zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC.

        Raises:
            ValueError: the moment has no time zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(
                f"Expected a time with a time zone, found {value}: use datetime.now(UTC)."
            )
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables; constraints get names, so that migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON(none_as_null=True)}  # noqa: RUF012, read by SQLAlchemy


class TicketRow(Base):
    """A case for the support agents: what one conversation says about one category."""

    __tablename__ = "tickets"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'claimed', 'resolved')", name="status"),
        # Two escalations at the same moment cannot open two tickets: one of them fails here.
        Index(
            "uq_tickets_active",
            "conversation_id",
            "category",
            unique=True,
            sqlite_where=ACTIVE,
            postgresql_where=ACTIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    conversation_id: Mapped[str] = mapped_column(String(255))
    category: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(50))
    detail: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    messages: Mapped[list["MessageRow"]] = relationship(
        back_populates="ticket", order_by="MessageRow.id"
    )


class MessageRow(Base):
    """A shopper's message on a ticket, with the scores and the decision of that moment."""

    __tablename__ = "ticket_messages"
    # Across the conversation, not the ticket: a repeat may come after the ticket was resolved.
    __table_args__ = (UniqueConstraint("conversation_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(String(255))
    message_id: Mapped[str] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(Text)
    assessment: Mapped[dict[str, Any] | None]
    triage: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    ticket: Mapped[TicketRow] = relationship(back_populates="messages")


class OutboxRow(Base):
    """An event that the helpdesk still has to hear of, committed with what it tells."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("event IN ('ticket.opened', 'ticket.appended')", name="event"),
        CheckConstraint("delivery IN ('pending', 'sent', 'dead')", name="delivery"),
        CheckConstraint("attempts >= 0", name="attempts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    event: Mapped[str] = mapped_column(String(50))
    payload: Mapped[dict[str, Any]]
    delivery: Mapped[str] = mapped_column(String(16), default="pending", index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class LabelRow(Base):
    """What an agent said that Amends should have found of a message; rows are only ever added."""

    __tablename__ = "labels"
    __table_args__ = (
        CheckConstraint("polarity IN ('negative', 'neutral', 'positive')", name="polarity"),
        CheckConstraint("intensity IN ('weak', 'medium', 'strong', 'extreme')", name="intensity"),
        CheckConstraint(
            "coalesce(polarity, intensity, category) IS NOT NULL OR escalate IS NOT NULL",
            name="says_something",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_message_id: Mapped[int] = mapped_column(ForeignKey("ticket_messages.id"), index=True)
    polarity: Mapped[str | None] = mapped_column(String(16))
    intensity: Mapped[str | None] = mapped_column(String(16))
    category: Mapped[str | None] = mapped_column(String(100))
    escalate: Mapped[bool | None]
    corrected_by: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    message: Mapped[MessageRow] = relationship()


class ConversationRow(Base):
    """Who talks with a shopper; a conversation without a row is the bot's."""

    __tablename__ = "conversations"
    __table_args__ = (
        CheckConstraint("talking IN ('bot', 'agent')", name="talking"),
        CheckConstraint("talking = 'bot' OR agent IS NOT NULL", name="agent_has_a_name"),
        CheckConstraint("takeovers >= 0", name="takeovers"),
    )

    conversation_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    talking: Mapped[str] = mapped_column(String(16))
    agent: Mapped[str | None] = mapped_column(String(255))
    # How often a person came: the notices "joined" and "left" of each stay are named after it.
    takeovers: Mapped[int]
    updated_at: Mapped[datetime]


class AttachmentRow(Base):
    """A photo or document that a shopper sent, checked before it came here."""

    __tablename__ = "attachments"
    # The same file sent again is the same attachment.
    __table_args__ = (
        UniqueConstraint("conversation_id", "sha256"),
        CheckConstraint("size > 0", name="size"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(50))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    # Megabytes: read only where it is asked for.
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, deferred_raiseload=True)
    created_at: Mapped[datetime]


class ConversationMessageRow(Base):
    """What shopper and agent said while a person talked."""

    __tablename__ = "conversation_messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "message_id"),
        CheckConstraint("role IN ('shopper', 'agent')", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(255))
    message_id: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(16))
    name: Mapped[str | None] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(Text)
    attachment_id: Mapped[str | None] = mapped_column(ForeignKey("attachments.id"))
    created_at: Mapped[datetime]


class RatingRow(Base):
    """Whether it helped, as the shopper says; asked for once a ticket."""

    __tablename__ = "ratings"
    __table_args__ = (
        UniqueConstraint("conversation_id", "request_id"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(255))
    request_id: Mapped[str] = mapped_column(String(255))
    score: Mapped[int]
    created_at: Mapped[datetime]
