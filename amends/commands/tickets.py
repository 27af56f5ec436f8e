"""`amends tickets`: what the support agents have to deal with."""

import sys
from contextlib import closing
from typing import Annotated

import typer
from pydantic import JsonValue
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from amends.settings import get_settings
from nlu.assessment import Evidence
from tickets.case import Message, Status, Ticket
from tickets.store import TicketStore, TicketStoreError, migrate

app = typer.Typer(
    help="Read the tickets that Amends opened for the support agents.", no_args_is_help=True
)

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
    with _store() as store:
        tickets = store.list(_status(status), limit)
    if not sys.stdout.isatty():
        _print_lines([_row(ticket) for ticket in tickets])
    elif tickets:
        _print_table(tickets)
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
    with _store() as store:
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
    migrate(get_settings().ticket_database_url)
    typer.echo("The ticket database is up to date.")


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
    updated = f"{ticket.updated_at:%Y-%m-%d %H:%M:%S}"
    count = str(len(ticket.messages))
    cells = (ticket.category, updated, count, ticket.rule, ticket.detail, _last(ticket))
    return (ticket.reference, ticket.status, *map(_clean, cells))


def _last(ticket: Ticket) -> str:
    return ticket.messages[-1].text if ticket.messages else ""


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
    told = [f"{name} {scores[name]}" for name in shown if name in scores]
    return ", ".join([*told, *_evidence(scores)]) or "not scored"


def _evidence(scores: dict[str, JsonValue]) -> list[str]:
    """The words that carried the scores; a message that was in a hurry has none."""
    found = scores.get("evidence")
    if not found:
        return []
    evidence = Evidence.model_validate(found)
    words = [f'"{word.text}"' for word in evidence.words]
    return [" ".join(["evidence", *words, *(["capitals"] if evidence.capitals else [])])]


def _clean(text: str) -> str:
    """One line without control signs: a shopper's words must not steer an agent's terminal."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() or c == JOINER else "\ufffd" for c in line)


def _print_lines(rows: list[tuple[str, ...]]) -> None:
    for row in rows:
        typer.echo("\t".join(row))


def _print_table(tickets: tuple[Ticket, ...]) -> None:
    table = Table("reference", "status", box=SIMPLE_HEAD)
    # Narrow where words can wrap, so that 80 columns leave room for what the shopper wrote.
    table.add_column("category", max_width=12)
    table.add_column("updated", max_width=10)
    table.add_column("why and last message", overflow="fold")
    for ticket in tickets:
        category = _clean(ticket.category.replace("_", " "))
        story = Text.assemble((_clean(ticket.detail), "dim"), "\n", _clean(_last(ticket)))
        updated = f"{ticket.updated_at:%Y-%m-%d %H:%M}"
        # Text: square brackets in a message are no markup.
        table.add_row(ticket.reference, ticket.status, Text(category), updated, story)
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
