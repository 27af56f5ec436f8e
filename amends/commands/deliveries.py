"""`amends tickets deliveries` and `retry`: what helpdesks and shoppers have not been told."""

import sys
from contextlib import closing
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from amends.commands.ticket_lines import clean, print_lines
from amends.settings import get_settings
from tickets.delivery.configured import hears_tickets
from tickets.outbox import Undelivered
from tickets.store import TicketStore, TicketStoreError

NO_HELPDESK = "Neither AMENDS_WEBHOOK_URL nor AMENDS_SMTP_URL is set."


def deliveries(
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 50,
) -> None:
    """List what was not delivered, oldest first: still pending, or dead, and why.

    On a terminal it is a table; in a pipe, one line an event with tabs between: reference, event,
    delivery, happened (UTC), number of attempts, next attempt (UTC), who took it, why not.

    Examples: amends tickets deliveries; amends tickets deliveries | grep -w dead
    """
    with _store() as store:
        listed = [_cells(one) for one in store.outbox.undelivered(limit)]
    if not sys.stdout.isatty():
        print_lines(listed)
    elif listed:
        _print_table(listed)
    else:
        typer.echo("Everything was delivered.")


def retry(
    reference: Annotated[
        str | None,
        typer.Argument(help="Of a ticket, such as AM-K7RD4X.", show_default=False),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Those of every ticket.")] = False,
) -> None:
    """Try dead deliveries again from the start, those of one ticket or all.

    Examples: amends tickets retry AM-K7RD4X; amends tickets retry --all
    """
    if (reference is None) is not all_:
        raise TicketStoreError("Expected either a reference or --all. Give one of them.")
    with _store() as store:
        count = store.outbox.retry(reference)
    if count == 0:
        typer.echo("Nothing was dead.")
        return
    what = "1 delivery is" if count == 1 else f"{count} deliveries are"
    typer.echo(f"{what} pending again; the deliveries of `amends run` try at once.")


def _store() -> closing[TicketStore]:
    return closing(TicketStore.open(get_settings().ticket_database_url))


def _cells(one: Undelivered) -> tuple[str, ...]:
    event = one.event
    cells = (
        event.reference,
        event.event,
        one.delivery,
        f"{event.created_at:%Y-%m-%d %H:%M:%S}",
        str(event.attempts),
        f"{event.due_at:%Y-%m-%d %H:%M:%S}" if one.delivery == "pending" else "",
        ", ".join(event.sent_to),
        one.last_error or _why_pending(event.event),
    )
    return tuple(map(clean, cells))


def _why_pending(event: str) -> str:
    nobody = event.startswith("ticket.") and not hears_tickets(get_settings())
    return NO_HELPDESK if nobody else "Not tried yet."


def _print_table(listed: list[tuple[str, ...]]) -> None:
    table = Table("reference", "event", "delivery", "tried", box=SIMPLE_HEAD)
    table.add_column("next attempt", max_width=10)
    table.add_column("why", overflow="fold")
    for reference, event, delivery, _, attempts, due, took, why in listed:
        story = f"{why} Taken by {took}." if took else why
        table.add_row(reference, event, delivery, attempts, due, Text(story))
    Console().print(table)
