"""When to look into the outbox: at once after a change, and now and then."""

import asyncio
import sys

import psycopg
from sqlalchemy import URL

from tickets.record import CHANNEL

POLL_S = 0.5
"""SQLite tells nobody of a change; a look costs less than a millisecond."""

QUIET_POLL_S = 2.0
"""PostgreSQL tells of changes; what is due again by time alone is found this late."""

RECONNECT_S = 5.0


def poll_s(url: URL) -> float:
    """Seconds from one look to the next when nothing happens."""
    return QUIET_POLL_S if url.get_backend_name() == "postgresql" else POLL_S


async def listen(url: URL, changed: asyncio.Event) -> None:
    """Set the event after each change that PostgreSQL tells of; never ends by itself.

    Without a connection deliveries are late by `QUIET_POLL_S` at most, so that it is tried again.
    """
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(address, autocommit=True) as listening:
                await listening.execute(f"LISTEN {CHANNEL}")
                changed.set()  # what happened before it listened
                async for _ in listening.notifies():
                    changed.set()
        except psycopg.Error as error:
            print(f"No news from PostgreSQL: {type(error).__name__}", file=sys.stderr, flush=True)  # noqa: T201 - the log
        await asyncio.sleep(RECONNECT_S)
