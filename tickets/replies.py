"""What a person writes to a shopper: shown in the chat first, then stored with the ticket."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from amends.channel_client import Push, PushUnknownError, push
from amends.errors import AmendsError
from amends.settings import Settings
from nlu.reader import Reader
from tickets.conversations import Line
from tickets.database import TicketStoreError
from tickets.store import TicketStore
from tickets.takeover import Standing

MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class ReplyError(AmendsError):
    """A reply that cannot be sent as it is; the shopper was not shown it."""


class ReplyUncertainError(AmendsError):
    """A reply that may have arrived, or that is not on the ticket.

    With the same id it can be sent again, and is shown and stored once.
    """


@dataclass(frozen=True)
class Reply:
    """What a person wants to say.

    Attributes:
        reference: Of the ticket, in any capitals and with or without `AM-`.
        text: As it was typed.
        id: The same id is the same reply, see `new_id`.
        by: Login of who writes; None where nobody has signed in, and whoever has the ticket is
            taken for the writer.
    """

    reference: str
    text: str
    id: str
    by: str | None = None


@dataclass(frozen=True)
class Sent:
    """A reply that is in the chat and on the ticket.

    Attributes:
        standing: How ticket and conversation stand.
        shown: On how many screens it is now; 0 when the shopper is away.
    """

    standing: Standing
    shown: int


def new_id() -> str:
    """An id for one reply."""
    return f"reply-{uuid.uuid4().hex}"


def send_reply(store: TicketStore, settings: Settings, reply: Reply, again: str) -> Sent:
    """Say something to the shopper of a ticket, once per id; returns when it is stored.

    It is pushed before it is stored, so that what stands on the ticket has been said. The other
    way round a push that fails would leave words there that no shopper ever read.

    Args:
        store: The tickets.
        settings: They say where the chat is and how long a reply may be.
        reply: What to say.
        again: What to do after an uncertain end, such as "send it again".

    Raises:
        ReplyError: it is empty, too long, has no fit id, or the writer does not have the ticket;
            the chat did not take it.
        ReplyUncertainError: nobody knows whether it arrived, or it arrived and is not stored.
        TicketStoreError: there is no such ticket, nobody has claimed it, or the database fails.
    """
    words = _words(reply.text, settings.max_message_chars)
    _check_id(reply.id)
    standing = store.takeover.speaker(reply.reference)
    _check_writer(standing, reply)
    shown = _say(
        settings,
        Push(
            standing.ticket.conversation_id,
            id=reply.id,
            kind="message",
            text=words,
            name=standing.agent,
        ),
        again,
    )
    _record(store, _line(standing, reply.id, Reader.of(settings).read(words)), again)
    return Sent(standing, shown)


def _words(typed: str, limit: int) -> str:
    # Bytes of a command line that are no UTF-8 arrive as lone surrogates, which JSON cannot carry.
    words = typed.encode(errors="replace").decode().replace("\0", "").strip()
    if not 1 <= len(words) <= limit:
        raise ReplyError(
            f"Expected a reply of 1 to {limit} characters, found {len(words)}. "
            + ("Write something." if not words else "Send it in parts.")
        )
    return words


def _check_writer(standing: Standing, reply: Reply) -> None:
    ticket = standing.ticket
    if reply.by is not None and ticket.owner != reply.by:
        raise ReplyError(
            f"Expected {ticket.reference} to be yours, found it with {standing.agent}. "
            "Your reply was not sent: claim the ticket first."
        )


def _check_id(typed: str) -> None:
    if not MESSAGE_ID.fullmatch(typed):
        raise ReplyError(
            f"Expected the id that an earlier reply was told with, found {typed!r}. Correct it."
        )


def _say(settings: Settings, what: Push, again: str) -> int:
    try:
        return push(what, settings)
    except PushUnknownError as error:
        raise ReplyUncertainError(
            f"Nobody knows whether your reply arrived. {error} To make sure, {again}: the shopper "
            "sees it once."
        ) from error
    except AmendsError as error:
        raise ReplyError(f"Your reply was not sent. {error}") from error


def _line(standing: Standing, message_id: str, text: str) -> Line:
    return Line(
        conversation_id=standing.ticket.conversation_id,
        message_id=message_id,
        role="agent",
        name=standing.agent,
        text=text,
        created_at=datetime.now(UTC),
    )


def _record(store: TicketStore, line: Line, again: str) -> None:
    try:
        store.conversations.record(line)
    except TicketStoreError as error:
        raise ReplyUncertainError(
            f"The shopper has your reply, but it is not on the ticket. {error} To put it there, "
            f"{again}: the shopper sees it once."
        ) from error
