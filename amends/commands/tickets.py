"""`amends tickets`: what the support agents have to deal with."""

import sys
from contextlib import closing
from typing import Annotated

import typer

from amends.commands import attachment, deliveries, note, purge, takeover
from amends.commands.ticket_lines import Story, clean, print_lines, row, story_lines
from amends.commands.ticket_screen import print_table, print_ticket
from amends.settings import get_settings
from tickets.case import Status
from tickets.store import TicketStore, TicketStoreError, migrate

app = typer.Typer(
    help="Read the tickets that Amends opened for the support agents, and talk with the shoppers.",
    no_args_is_help=True,
)


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
        print_lines([row(ticket) for ticket in tickets])
    elif tickets:
        print_table(tickets)
    else:
        typer.echo("No tickets.")


@app.command()
def show(
    reference: Annotated[
        str, typer.Argument(help="Such as AM-K7RD4X; small letters do, and AM- may be left out.")
    ],
) -> None:
    """Show one ticket: why it was opened, each message with its scores, and what came after.

    In a pipe: one line a field, name and value with a tab between; a line a message holds its
    time (UTC), id, rule, why it fired, scores and text. Then of the whole chat: a line `said` for
    what was said while a person talked (time, id, role, name, text, attachment), a line
    `attachment` for each file (time, id, name, media type, bytes), and the rating. Then a line
    `note` for what agents wrote for one another (time, author, text), and a line `done` for what
    was done to it (time, who, what, detail).

    Example: amends tickets show AM-K7RD4X
    """
    with _store() as store:
        ticket = store.get(reference)
        if ticket is None:
            raise TicketStoreError(
                f"Expected the reference of a ticket, found {clean(reference)!r}, which none has. "
                "See `amends tickets list`."
            )
        story = Story.of(store, ticket)
    if sys.stdout.isatty():
        print_ticket(story)
    else:
        print_lines(story_lines(story))


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
            f"Expected a status of {', '.join(Status)}, found {clean(typed)!r}. Correct --status."
        ) from error


app.command()(takeover.claim)
app.command()(takeover.reply)
app.command("hand-back")(takeover.hand_back)
app.command()(takeover.release)
app.command()(takeover.assign)
app.command()(takeover.resolve)
app.command()(takeover.reopen)
app.command()(deliveries.deliveries)
app.command()(deliveries.retry)
app.command()(attachment.attachment)
app.command()(note.note)
app.command()(purge.purge)
