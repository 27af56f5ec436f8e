"""`amends tickets`: what the support agents have to deal with."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from amends.settings import SettingsError, get_settings
from tickets.case import Message, Status, Ticket
from tickets.store import TicketStore, TicketStoreError, migrate

app = typer.Typer(
    help="Read the tickets that Amends opened for the support agents.", no_args_is_help=True
)

COLUMNS = ("reference", "status", "category", "updated", "messages", "rule", "why", "last message")
JOINER = "\u200d"


@app.command("list")
def list_tickets(
    status: Annotated[
        str | None,
        typer.Option(help="Only tickets that are open, claimed or resolved.", metavar="STATUS"),
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 50,
) -> None:
    """List the tickets that changed last, newest first.

    On a terminal it is a table; in a pipe, one line a ticket with tabs between: reference, status,
    category, updated (UTC), number of messages, rule, why it fired, last message.

    Examples: amends tickets list --status open; amends tickets list | cut -f1
    """
    with _clear_errors(), _store() as store:
        tickets = store.list(_status(status), limit)
    rows = [_row(ticket) for ticket in tickets]
    if not sys.stdout.isatty():
        _print_lines(rows)
    elif rows:
        _print_table(rows)
    else:
        typer.echo("No tickets.")


@app.command()
def show(
    reference: Annotated[
        str, typer.Argument(help="Such as AM-K7RD4X; small letters do, and AM- may be left out.")
    ],
) -> None:
    """Show one ticket: why it was opened, and each message with its scores.

    In a pipe: one line a field, name and value with a tab between; a line a message holds its
    time (UTC), id, rule, why it fired, scores and text.

    Example: amends tickets show AM-K7RD4X
    """
    with _clear_errors(), _store() as store:
        ticket = store.get(reference)
        if ticket is None:
            raise TicketStoreError(
                f"Expected the reference of a ticket, found {_clean(reference)!r}, which none has. "
                "See `amends tickets list`."
            )
    if sys.stdout.isatty():
        _print_ticket(ticket)
    else:
        _print_lines([*_fields(ticket), *_message_lines(ticket)])


@app.command("migrate")
def migrate_database() -> None:
    """Create the ticket database, or bring an older one up to date.

    Tickets are kept. Safe to repeat. The database is the one AMENDS_DATABASE_URL names, else
    tickets.db in AMENDS_STATE_DIR.
    """
    with _clear_errors():
        migrate(get_settings().ticket_database_url)
    typer.echo("The ticket database is up to date.")


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (TicketStoreError, SettingsError) as error:
        typer.echo(f"amends: {error}", err=True)
        raise typer.Exit(1) from error


def _store() -> closing[TicketStore]:
    return closing(TicketStore.open(get_settings().ticket_database_url))


def _status(typed: str | None) -> Status | None:
    if typed is None:
        return None
    try:
        return Status(typed.lower())
    except ValueError as error:
        raise TicketStoreError(
            f"Expected a status of {', '.join(Status)}, found {_clean(typed)!r}. Correct --status."
        ) from error


def _row(ticket: Ticket) -> tuple[str, ...]:
    last = ticket.messages[-1].text if ticket.messages else ""
    updated = f"{ticket.updated_at:%Y-%m-%d %H:%M:%S}"
    count = str(len(ticket.messages))
    cells = (ticket.category, updated, count, ticket.rule, ticket.detail, last)
    return (ticket.reference, ticket.status, *map(_clean, cells))


def _fields(ticket: Ticket) -> list[tuple[str, ...]]:
    fields = {
        "reference": ticket.reference,
        "status": ticket.status,
        "category": ticket.category,
        "conversation": ticket.conversation_id,
        "opened": f"{ticket.created_at:%Y-%m-%d %H:%M:%S}",
        "updated": f"{ticket.updated_at:%Y-%m-%d %H:%M:%S}",
        "rule": ticket.rule,
        "why": ticket.detail,
    }
    return [(name, _clean(value)) for name, value in fields.items()]


def _message_lines(ticket: Ticket) -> list[tuple[str, ...]]:
    return [("message", *_message_cells(message)) for message in ticket.messages]


def _message_cells(message: Message) -> tuple[str, ...]:
    cells = (
        f"{message.created_at:%Y-%m-%d %H:%M:%S}",
        message.message_id,
        message.triage.rule,
        message.triage.detail,
        _scores(message),
        message.text,
    )
    return tuple(map(_clean, cells))


def _scores(message: Message) -> str:
    scores = message.assessment or {}
    shown = ("polarity", "intensity", "valence", "complaint", "severity", "category", "model")
    return ", ".join(f"{name} {scores[name]}" for name in shown if name in scores) or "not scored"


def _clean(text: str) -> str:
    """One line without control signs: a shopper's words must not steer an agent's terminal."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() or c == JOINER else "\ufffd" for c in line)


def _print_lines(rows: list[tuple[str, ...]]) -> None:
    for row in rows:
        typer.echo("\t".join(row))


def _print_table(rows: list[tuple[str, ...]]) -> None:
    table = Table()
    for column in COLUMNS:
        kept_whole = column in ("reference", "status")
        table.add_column(column, no_wrap=kept_whole, overflow="fold", max_width=40)
    for row in rows:
        table.add_row(*map(Text, row))  # Text: square brackets in a message are no markup
    Console().print(table)


def _print_ticket(ticket: Ticket) -> None:
    grid = Table.grid(padding=(0, 2))
    for name, value in _fields(ticket):
        grid.add_row(Text(name, style="bold"), Text(value))
    console = Console()
    console.print(grid)
    for message in ticket.messages:
        time, _, rule, detail, scores, text = _message_cells(message)
        console.print(Text(f"\n{time}  {rule}: {detail}", style="bold"))
        console.print(Text(text))
        console.print(Text(scores, style="dim"))
