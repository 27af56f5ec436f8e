"""`amends tickets purge`: nothing is kept for longer than the shop wants."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from amends.commands.amounts import amounts
from amends.errors import AmendsError
from amends.personal_record import forget_before
from amends.settings import Settings, get_settings
from tickets.database import check_schema, open_engine
from tickets.retention import outlived
from tickets.retention import purge as delete_outlived

MAX_DAYS = 36_500


class RetentionError(AmendsError):
    """It is not known how long things are kept, or something of them is left."""


def purge(
    days: Annotated[
        int | None,
        typer.Option(
            help="Of tickets resolved more than so many days ago; else AMENDS_RETENTION_DAYS.",
            min=1,
            max=MAX_DAYS,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")
    ] = False,
) -> None:
    """Delete old resolved tickets and what was said, for good. The assistant must run.

    Goes: tickets resolved before that, with messages, corrections, notes and history; and what was
    said or sent before that, unless a ticket that stays is about it; and of the assistant's own
    record the chats in which nothing has happened since. Stays: ratings, without whom they came
    from. Corrections that the next classifier shall learn from are to be exported before:
    amends labels export.

    Safe to repeat, and to run beside everything else. With AMENDS_RETENTION_DAYS set, it happens
    every day by itself.

    Example: amends tickets purge --days 365 --dry-run
    """
    settings = get_settings()
    older_than = datetime.now(UTC) - timedelta(days=_days(days))
    engine = open_engine(settings.ticket_database_url)
    try:
        check_schema(engine)
        deleted = (outlived if dry_run else delete_outlived)(engine, older_than)
    finally:
        engine.dispose()
    before = f"{older_than:%Y-%m-%d %H:%M} UTC"
    if dry_run:
        typer.echo(f"Older than {before}: {_told(dict(deleted))}. Nothing was deleted.")
        return
    typer.echo(f"Deleted what is older than {before}: {_told(dict(deleted))}.")
    forgotten = _forget(older_than, settings)
    typer.echo(f"Deleted of chats that ended before then: {_told(forgotten)}.")


def _forget(older_than: datetime, settings: Settings) -> dict[str, int]:
    try:
        return forget_before(older_than.timestamp(), settings)
    except AmendsError as error:
        raise RetentionError(
            f"The assistant's own record of old chats is still there. {error} Then run this "
            "command again."
        ) from error


def _told(numbers: dict[str, int]) -> str:
    return amounts(numbers) or "nothing"


def _days(typed: int | None) -> int:
    days = typed or get_settings().retention_days
    if not days:
        raise RetentionError(
            "Expected how many days tickets are kept, found none. Set AMENDS_RETENTION_DAYS, or "
            "say it with --days."
        )
    return days
