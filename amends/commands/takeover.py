"""`amends tickets claim`, `reply`, `hand-back` and `resolve`: a person talks with a shopper."""

import re
import uuid
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer

from amends.channel_client import Push, PushError, PushUnknownError, push
from amends.errors import AmendsError
from amends.settings import get_settings
from nlu.reader import Reader
from tickets.conversations import Line
from tickets.notices import notice
from tickets.store import TicketStore, TicketStoreError
from tickets.takeover import Standing

MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

Reference = Annotated[
    str, typer.Argument(help="Such as AM-K7RD4X; small letters do, and AM- may be left out.")
]


class ReplyError(AmendsError):
    """A reply that cannot be sent as it is."""


def claim(
    reference: Reference,
    as_: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Your name as the shopper shall read it.")
    ],
) -> None:
    """Take a ticket and its chat over: the assistant is silent from then on.

    Of two people who claim at once one gets it, and the other one is told who. Safe to repeat.

    Example: amends tickets claim AM-K7RD4X --as Anna
    """
    # Stored before it is pushed: the assistant must be silent before the shopper reads that a
    # person answers. The other way round it could answer what was written to that person.
    with _store() as store:
        standing = store.takeover.claim(reference, as_)
    done = f"{standing.ticket.reference} is yours, and the assistant is silent"
    shown = _tell(standing, "joined", done)
    typer.echo(f"{done}. {_screens(shown, 'the notice')}")


def reply(
    reference: Reference,
    text: Annotated[str, typer.Argument(help="What the shopper shall read.")],
    id_: Annotated[
        str | None,
        typer.Option(
            "--id",
            metavar="ID",
            help="Repeat a reply of which it was not known whether it arrived; shown once.",
        ),
    ] = None,
) -> None:
    """Write to the shopper, on a ticket that is claimed.

    Example: amends tickets reply AM-K7RD4X "I found your parcel, it arrives tomorrow."
    """
    words, message_id = _words(text), _message_id(id_)
    with _store() as store:
        standing = store.takeover.speaker(reference)
        # Pushed before it is stored: what stands in the ticket has been said. The other way round a
        # push that fails would leave words there that no shopper ever read.
        shown = _say(standing, words, message_id)
        _record(store, standing, words, message_id)
    typer.echo(_screens(shown, "your reply"))


def hand_back(reference: Reference) -> None:
    """Give the chat back to the assistant; the ticket is open again. Safe to repeat.

    Example: amends tickets hand-back AM-K7RD4X
    """
    # Stored before it is pushed: a push fails when Rasa is down, and then nobody answers anyway.
    # The other way round the shopper could write to a person who has left.
    with _store() as store:
        standing = store.takeover.hand_back(reference)
    done = f"{standing.ticket.reference} is open again, and the assistant answers"
    shown = _tell(standing, "left", done)
    typer.echo(f"{done}. {_screens(shown, 'the notice')}")


def resolve(reference: Reference) -> None:
    """Close a ticket, give its chat back to the assistant, and ask the shopper for a rating.

    The shopper is asked once a ticket. Safe to repeat.

    Example: amends tickets resolve AM-K7RD4X
    """
    # Stored before it is pushed, as above; and a case can be closed when no push gets through.
    with _store() as store:
        standing = store.takeover.resolve(reference)
        rated = store.ratings.of(standing.ticket.reference)
    done = f"{standing.ticket.reference} is resolved"
    if standing.talking == "bot" and standing.takeovers:
        _tell(standing, "left", done)
    if rated is not None:
        typer.echo(f"{done}, and the shopper has rated it: {rated.score} of 5.")
        return
    shown = _ask_for_rating(standing, done)
    typer.echo(f"{done}. {_screens(shown, 'the question for a rating')}")


def _store() -> closing[TicketStore]:
    return closing(TicketStore.open(get_settings().ticket_database_url))


def _tell(standing: Standing, kind: str, done: str) -> int:
    """Push that a person came or left; the id is the same for the same stay, however often."""
    joined = kind == "joined"
    what = Push(
        conversation=standing.ticket.conversation_id,
        id=f"takeover-{standing.takeovers}-{kind}",
        kind="joined" if joined else "left",
        text=notice("joined" if joined else "left", standing.agent, get_settings().language),
        name=standing.agent,
    )
    return _push(what, f"{done}, but the shopper was not told that you {kind}")


def _ask_for_rating(standing: Standing, done: str) -> int:
    reference = standing.ticket.reference
    what = Push(standing.ticket.conversation_id, id=reference, kind="rating")
    return _push(what, f"{done}, but the shopper was not asked for a rating")


def _push(what: Push, without: str) -> int:
    """Push; when that fails the error says what was done all the same."""
    try:
        return push(what, get_settings())
    except PushUnknownError as error:
        raise PushUnknownError(f"{without} for sure. {error} {_AGAIN}") from error
    except AmendsError as error:
        raise PushError(f"{without}. {error} {_AGAIN}") from error


_AGAIN = "Then run this command again; it changes nothing else."


def _say(standing: Standing, words: str, message_id: str) -> int:
    what = Push(
        standing.ticket.conversation_id,
        id=message_id,
        kind="message",
        text=words,
        name=standing.agent,
    )
    try:
        return push(what, get_settings())
    except PushUnknownError as error:
        raise PushUnknownError(
            f"Nobody knows whether your reply arrived. {error} To make sure, run this command "
            f"again with --id {message_id}: the shopper sees it once."
        ) from error
    except AmendsError as error:
        raise PushError(f"Your reply was not sent. {error}") from error


def _record(store: TicketStore, standing: Standing, words: str, message_id: str) -> None:
    line = Line(
        conversation_id=standing.ticket.conversation_id,
        message_id=message_id,
        role="agent",
        name=standing.agent,
        text=Reader.of(get_settings()).read(words),
        created_at=datetime.now(UTC),
    )
    try:
        store.conversations.record(line)
    except TicketStoreError as error:
        raise TicketStoreError(
            f"The shopper has your reply, but it is not on the ticket. {error} To put it there, "
            f"run this command again with --id {message_id}: the shopper sees it once."
        ) from error


def _words(text: str) -> str:
    # Bytes of a command line that are no UTF-8 arrive as lone surrogates, which JSON cannot carry.
    words = text.encode(errors="replace").decode().replace("\0", "").strip()
    limit = get_settings().max_message_chars
    if not 1 <= len(words) <= limit:
        raise ReplyError(
            f"Expected a reply of 1 to {limit} characters, found {len(words)}. "
            + ("Write something." if not words else "Send it in parts.")
        )
    return words


def _message_id(typed: str | None) -> str:
    if typed is None:
        return f"reply-{uuid.uuid4().hex}"
    if not MESSAGE_ID.fullmatch(typed):
        raise ReplyError(
            f"Expected the id that an earlier reply was told with, found {typed!r}. Correct --id."
        )
    return typed


def _screens(shown: int, what: str) -> str:
    if shown == 0:
        return f"The shopper is away and finds {what} on coming back."
    return f"{what.capitalize()} went to {'the screen' if shown == 1 else f'{shown} screens'}."
