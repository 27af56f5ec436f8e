"""`amends tickets note`: what agents write for one another."""

from contextlib import closing
from typing import Annotated

import typer

from amends.errors import AmendsError
from amends.settings import get_settings
from nlu.reader import Reader
from tickets.labels import read_name
from tickets.notes import NewNote
from tickets.reference import as_reference
from tickets.store import TicketStore


class NoteError(AmendsError):
    """A note that cannot be stored as it is."""


def note(
    reference: Annotated[
        str, typer.Argument(help="Such as AM-K7RD4X; small letters do, and AM- may be left out.")
    ],
    text: Annotated[str, typer.Argument(help="What other agents shall read.")],
    by: Annotated[str, typer.Option(help="Who writes.", metavar="NAME")],
) -> None:
    """Put a note on a ticket, for other agents; no shopper reads it.

    Personal data in it is masked before it is stored.

    Example: amends tickets note AM-K7RD4X "The courier calls back on Monday." --by Anna
    """
    new = NewNote(author=read_name(by), text=_words(text))
    with closing(TicketStore.open(get_settings().ticket_database_url)) as store:
        store.notes.add(reference, new)
    typer.echo(f"Your note is on {as_reference(reference)}.")


def _words(text: str) -> str:
    # Bytes of a command line that are no UTF-8 arrive as lone surrogates.
    words = text.encode(errors="replace").decode().strip()
    limit = get_settings().max_message_chars
    if not 1 <= len(words) <= limit:
        raise NoteError(
            f"Expected a note of 1 to {limit} characters, found {len(words)}. "
            + ("Write something." if not words else "Put it into several ones.")
        )
    return Reader.of(get_settings()).read(words)
