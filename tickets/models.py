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
