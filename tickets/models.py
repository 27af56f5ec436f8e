"""Tables of the ticket store."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.orm import Base

ACTIVE = text("status IN ('open', 'claimed')")


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
    conversation_id: Mapped[str] = mapped_column(String(255), index=True)
    category: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(50))
    detail: Mapped[str] = mapped_column(Text)
    # The agent's login while the ticket is claimed or assigned.
    owner: Mapped[str | None] = mapped_column(String(255), index=True)
    # See `tickets.severity`; 1 is a calm complaint that was made once.
    severity: Mapped[float] = mapped_column(server_default="1.0")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    # Since when the shopper waits for a person, in seconds since 1970: both databases can reckon
    # with it. NULL while nobody waits.
    waiting_since: Mapped[float | None]
    resolved_at: Mapped[datetime | None]
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
    """What the helpdesk or the shopper still has to hear of, committed with what it tells."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(
            "event IN ('ticket.opened', 'ticket.appended', 'ticket.claimed', "
            "'ticket.handed_back', 'ticket.resolved', 'ticket.reopened', 'ticket.rated', "
            "'chat.joined', 'chat.waiting', 'chat.left', 'chat.rating')",
            name="event",
        ),
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
    # Not before then; pushed ahead while a worker is at it, so that no other takes it too.
    next_attempt_at: Mapped[datetime] = mapped_column(index=True)
    # Names of the connectors that took it: one that failed is tried again alone.
    sent_to: Mapped[list[str]] = mapped_column(JSON, server_default="[]")
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)


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
        CheckConstraint("talking IN ('bot', 'waiting', 'agent')", name="talking"),
        CheckConstraint("talking != 'agent' OR agent IS NOT NULL", name="agent_has_a_name"),
        CheckConstraint("takeovers >= 0", name="takeovers"),
        CheckConstraint("waits >= 0", name="waits"),
    )

    conversation_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    talking: Mapped[str] = mapped_column(String(16))
    # Login of the person who talks, and what the shopper calls them.
    owner: Mapped[str | None] = mapped_column(String(255))
    agent: Mapped[str | None] = mapped_column(String(255))
    # How often a person came: the notices "joined" and "left" of each stay are named after it.
    takeovers: Mapped[int]
    # How often the shopper began to wait: the one notice of each wait is named after it.
    waits: Mapped[int] = mapped_column(server_default="0")
    # What the shop calls the shopper; only of one whom it identified.
    shopper_name: Mapped[str | None] = mapped_column(String(255))
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
    """What was said in a conversation that has a ticket, by either side."""

    __tablename__ = "conversation_messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "message_id"),
        CheckConstraint("role IN ('shopper', 'bot', 'agent', 'notice')", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(255))
    message_id: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(16))
    name: Mapped[str | None] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(Text)
    attachment_id: Mapped[str | None] = mapped_column(ForeignKey("attachments.id"))
    # Scores of a shopper's message; NULL where nothing scored it.
    assessment: Mapped[dict[str, Any] | None]
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


class NoteRow(Base):
    """What an agent wrote for other agents; no shopper reads it."""

    __tablename__ = "ticket_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    author: Mapped[str] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class AuditRow(Base):
    """What somebody did to a ticket, committed with what was done; rows are only ever added."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    actor: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(50))
    detail: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class ChangeRow(Base):
    """That a ticket changed, for screens that show it; only the newest rows are kept."""

    __tablename__ = "changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(16))


class OrderAttemptRow(Base):
    """A wrong address for an order number; kept for an hour, see `amends.orders.attempts`."""

    __tablename__ = "order_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    # Keyed hash of the number, or of the conversation.
    subject: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
