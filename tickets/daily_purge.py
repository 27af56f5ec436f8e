"""Every day what is older than the shop wants to keep is deleted, here and in Rasa's record."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

from amends.errors import AmendsError
from amends.personal_record import forget_before
from amends.settings import Settings
from tickets.database import open_engine
from tickets.retention import purge

FIRST_S = 60.0
"""After the start, when the assistant is there too."""

DAY_S = 24 * 3600.0
AFTER_FAILURE_S = 3600.0


async def purge_daily(
    settings: Settings,
    first_s: float = FIRST_S,
    day_s: float = DAY_S,
    after_failure_s: float = AFTER_FAILURE_S,
) -> None:
    """Delete what has outlived `settings.retention_days`, again and again, until cancelled.

    Returns at once where the shop keeps things for ever. A failure is told on stderr and tried
    again; several processes may do it at once.

    Args:
        settings: They say how long things are kept, in which database, and where Rasa is.
        first_s: Seconds before the first time.
        day_s: Seconds between two times.
        after_failure_s: Seconds until it is tried again.
    """
    if not settings.retention_days:
        return
    await asyncio.sleep(first_s)
    while True:
        try:
            await asyncio.to_thread(_purge_once, settings)
        except AmendsError as error:
            print(f"Retention: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the log
            await asyncio.sleep(after_failure_s)
        else:
            await asyncio.sleep(day_s)


def _purge_once(settings: Settings) -> None:
    older_than = datetime.now(UTC) - timedelta(days=settings.retention_days)
    engine = open_engine(settings.ticket_database_url)
    try:
        purge(engine, older_than)
    finally:
        engine.dispose()
    forget_before(older_than.timestamp(), settings)
