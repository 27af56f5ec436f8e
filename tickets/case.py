"""What goes into the ticket store and what comes out of it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from tickets.triage import Triage


class Status(StrEnum):
    """Who has the ticket: nobody yet, an agent, or nobody any more."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"


class Outcome(StrEnum):
    """What an escalation did."""

    OPENED = "opened"
    APPENDED = "appended"
    REPEATED = "repeated"


def _storable(text: object) -> object:
    # SQLite takes no half of a surrogate pair, PostgreSQL no NUL: no ticket is lost for that.
    if not isinstance(text, str):
        return text
    return (
        text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


Text = Annotated[str, BeforeValidator(_storable)]
Identifier = Annotated[Text, Field(min_length=1, max_length=255)]


class Case(BaseModel):
    """A message that a person should see.

    Attributes:
        conversation_id: The conversation that it is part of.
        message_id: Names the message within the conversation; the same id is the same message.
        text: The message with personal data masked.
        category: What it is about.
        triage: Why a person should see it.
        assessment: Its scores, as JSON; None when nothing could score it.
        shopper_name: What the shop calls the shopper; None for one whom it did not identify.
    """

    model_config = ConfigDict(frozen=True)

    conversation_id: Identifier
    message_id: Identifier
    text: Text
    category: Annotated[Text, Field(min_length=1, max_length=100)]
    triage: Triage
    assessment: dict[str, JsonValue] | None = None
    shopper_name: Annotated[Text, Field(max_length=255)] | None = None


class Message(BaseModel):
    """A message on a ticket; `created_at` is in UTC."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    message_id: str
    text: str
    assessment: dict[str, JsonValue] | None
    triage: Triage
    created_at: datetime


class Ticket(BaseModel):
    """A committed ticket.

    Attributes:
        reference: What shopper and agent call it, such as `AM-K7RD4X`.
        conversation_id: The conversation that it came from.
        category: What it is about.
        status: Who has it.
        rule: The rule that opened it; each message holds its own.
        detail: What made that rule fire.
        owner: Login of the agent who has it, or whom it is assigned to.
        severity: How urgent it is, see `tickets.severity`.
        waiting_since: Since when the shopper waits, seconds since 1970; None when nobody waits.
        resolved_at: When it was closed, UTC.
        created_at: When it was opened, UTC.
        updated_at: When it last changed, UTC.
        messages: The shopper's messages, oldest first.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    reference: str
    conversation_id: str
    category: str
    status: Status
    rule: str
    detail: str
    owner: str | None
    severity: float
    waiting_since: float | None
    resolved_at: datetime | None
    created_at: datetime
    updated_at: datetime
    messages: tuple[Message, ...]


class Escalation(BaseModel):
    """The ticket that holds a case now, and how it came to."""

    model_config = ConfigDict(frozen=True)

    ticket: Ticket
    outcome: Outcome
