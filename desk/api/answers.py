"""What the API answers with, where the rooms' own models are not enough."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from tickets.attachments import Attachment
from tickets.case import Status, Ticket
from tickets.conversations import Line, Owner, Talking
from tickets.labels import Label
from tickets.notes import Deed, Note
from tickets.outbox import Undelivered
from tickets.store import TicketStore
from tickets.takeover import Standing


class TicketStory(Ticket):
    """A ticket with everything that belongs to it but the transcript.

    Attributes:
        notes: What agents wrote for one another, oldest first.
        audit: What was done to it by whom, oldest first.
        rating: 1, it did not help at all, to 5, as the shopper said; null without an answer.
        conversation: Who talks with the shopper.
    """

    notes: tuple[Note, ...]
    audit: tuple[Deed, ...]
    rating: int | None
    conversation: Owner

    @classmethod
    def of(cls, store: TicketStore, ticket: Ticket) -> Self:
        """Put it together.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        rating = store.ratings.of(ticket.reference)
        return cls(
            **dict(ticket),
            notes=store.notes.of(ticket.reference),
            audit=store.notes.deeds(ticket.reference),
            rating=rating.score if rating else None,
            conversation=store.conversations.owner(ticket.conversation_id),
        )


class State(BaseModel):
    """How a ticket and its conversation stand after a change.

    Attributes:
        owner: Login of who has the ticket; `token:` and a name for another program.
        talking: Who talks with the shopper.
        agent: The person who talks, or who has just stopped, as the shopper reads it.
    """

    model_config = ConfigDict(frozen=True)

    reference: str
    status: Status
    owner: str | None
    conversation_id: str
    talking: Talking
    agent: str | None

    @classmethod
    def of(cls, standing: Standing) -> Self:
        """Leave out what only the desk itself needs."""
        ticket = standing.ticket
        return cls(
            reference=ticket.reference,
            status=ticket.status,
            owner=ticket.owner,
            conversation_id=ticket.conversation_id,
            talking=standing.talking,
            agent=standing.agent,
        )


class Conversation(Owner):
    """Who talks in a conversation, and its tickets.

    Attributes:
        tickets: References, oldest first.
    """

    conversation_id: str
    tickets: tuple[str, ...]


class Sent(BaseModel):
    """A reply on its way.

    Attributes:
        message_id: The same for the same Idempotency-Key.
        shown: On how many screens it is; 0 while the shopper is away and reads it on coming back;
            null when it had been sent before.
    """

    message_id: str
    shown: int | None


class Lines(BaseModel):
    """What was said in the conversation of a ticket, oldest first."""

    lines: tuple[Line, ...]


class Labels(BaseModel):
    """What was corrected on a ticket, oldest first."""

    labels: tuple[Label, ...]


class Notes(BaseModel):
    """What agents wrote for one another on a ticket, oldest first."""

    notes: tuple[Note, ...]


class Attachments(BaseModel):
    """The files that the shopper of a ticket sent, oldest first."""

    attachments: tuple[Attachment, ...]


class Delivery(BaseModel):
    """Something that a helpdesk or a shopper has not heard of yet; times are in UTC.

    Attributes:
        reference: The ticket's.
        event: Such as `ticket.opened`; what begins with `chat.` is for the shopper.
        delivery: `pending`, or `dead` when it is not tried any more.
        attempts: How often it failed.
        last_error: Why it failed last.
    """

    id: int
    reference: str
    event: str
    delivery: Literal["pending", "dead"]
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    last_error: str | None

    @classmethod
    def of(cls, listed: Undelivered) -> Self:
        """Without what is told: that is the ticket's."""
        event = listed.event
        return cls(
            id=event.id,
            reference=event.reference,
            event=event.event,
            delivery=listed.delivery,
            attempts=event.attempts,
            created_at=event.created_at,
            next_attempt_at=event.due_at,
            last_error=listed.last_error,
        )


class Deliveries(BaseModel):
    """What is not delivered, oldest first."""

    deliveries: tuple[Delivery, ...]
