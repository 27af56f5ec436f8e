"""`amends shopper`: what there is of one shopper, given to them or deleted."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from amends import personal_record
from amends.commands.amounts import amounts
from amends.errors import AmendsError
from amends.outputs import check_writable, write_whole
from amends.settings import get_settings
from tickets import shopper
from tickets.database import check_schema, open_engine

app = typer.Typer(
    help="Give a shopper all that is stored of them, or delete it.", no_args_is_help=True
)

MAX_ID_CHARS = 255


class ShopperError(AmendsError):
    """It is not known whom it is about, or something of it is left; says what to do."""


Conversation = Annotated[
    str | None,
    typer.Argument(
        metavar="[CONVERSATION]", help="The conversation, as `amends tickets show` names it."
    ),
]
Customer = Annotated[
    str | None,
    typer.Option(
        "--customer",
        metavar="ID",
        help="Instead: the customer whom the shop identified, by the id in its tokens.",
    ),
]


@app.command()
def export(
    output: Annotated[
        Path,
        typer.Option(help="JSON file to write, whole or not at all; replaces an older one."),
    ],
    conversation: Conversation = None,
    customer: Customer = None,
    without_assistant: Annotated[
        bool,
        typer.Option(
            "--without-assistant", help="Leave out the assistant's own record; it need not run."
        ),
    ] = False,
) -> None:
    """Write all that is stored of a shopper, with the files they sent (in base64).

    Tickets with messages, scores, corrections, notes, history and what helpdesks heard; what was
    said; attachments; ratings; and, under `assistant`, the assistant's own record of the chat.

    Example: amends shopper export --customer 4711 --output shopper.json
    """
    whom = _whom(conversation, customer)
    check_writable(output, "--output")
    with _engine() as engine:
        found = shopper.export(engine, whom)
    if not without_assistant:
        found["assistant"] = _record(whom)
    write_whole(output, "--output", [json.dumps(found, ensure_ascii=False, indent=2), "\n"])
    parts = {part: len(found[part]) for part in ("tickets", "said", "attachments", "ratings")}
    events = len(found.get("assistant", {}).get("events", ()))
    typer.echo(f"{output}: {amounts({**parts, 'events': events}) or 'nothing is stored of them'}.")


@app.command()
def delete(
    conversation: Conversation = None,
    customer: Customer = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete all that is stored of a shopper, for good, open tickets too.

    Their chat is closed, and whoever writes from there again is somebody new. What a helpdesk or a
    mailbox was told before, and what was exported, is not Amends' to delete. Safe to repeat.

    Example: amends shopper delete web-0123456789abcdef0123456789abcdef
    """
    whom = _whom(conversation, customer)
    if not yes:
        _confirm(whom)
    # First the assistant, which may still be about to put something on a ticket.
    left: AmendsError | None = None
    forgotten: dict[str, int] = {}
    try:
        forgotten = personal_record.forget(whom, get_settings())
    except AmendsError as error:
        left = error
    with _engine() as engine:
        deleted = shopper.erase(engine, whom)
    done = amounts({**dict(deleted), **forgotten})
    typer.echo(f"Deleted of {whom}: {done}." if done else f"Of {whom} nothing was found here.")
    if left is not None:
        raise ShopperError(
            f"What the assistant itself keeps of {whom} is still there. {left} Then run this "
            "command again."
        ) from left


def _whom(conversation: str | None, customer: str | None) -> str:
    if (conversation is None) == (customer is None):
        found = "neither" if conversation is None else "both"
        raise ShopperError(
            f"Expected a conversation or --customer, found {found}. Say whom it is about."
        )
    whom = shopper.conversation_of(customer) if customer is not None else conversation or ""
    if not 1 <= len(whom) <= MAX_ID_CHARS or not whom.isprintable() or customer == "":
        raise ShopperError(
            f"Expected an id of 1 to {MAX_ID_CHARS} printable characters, found "
            f"{(customer if customer is not None else whom)[:MAX_ID_CHARS]!r}. Correct it."
        )
    return whom


def _confirm(whom: str) -> None:
    typed = typer.prompt(f"All of {whom} is deleted for good. Type that id to go on", default="")
    if typed.strip() != whom:
        raise ShopperError(
            f"Expected {whom}, found {typed.strip()[:MAX_ID_CHARS]!r}. Nothing was deleted."
        )


def _record(whom: str) -> dict[str, Any]:
    try:
        return personal_record.record(whom, get_settings())
    except AmendsError as error:
        raise ShopperError(
            f"Nothing was written, because the assistant's own record is part of it. {error} Or "
            "leave it out with --without-assistant."
        ) from error


@contextmanager
def _engine() -> Iterator[Engine]:
    engine = open_engine(get_settings().ticket_database_url)
    try:
        check_schema(engine)
        yield engine
    finally:
        engine.dispose()
