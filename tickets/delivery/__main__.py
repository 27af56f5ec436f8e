"""Starts the deliveries: `python -m tickets.delivery`; `amends run` does so too."""

import asyncio
import signal
import sys
from contextlib import closing

from sqlalchemy import make_url

from amends.errors import AmendsError
from amends.serve.readiness import DELIVERING
from amends.settings import Settings, get_settings
from tickets.daily_purge import purge_daily
from tickets.delivery.configured import connectors
from tickets.delivery.worker import Worker
from tickets.store import TicketStore


async def serve(settings: Settings) -> None:
    """Deliver until SIGTERM or SIGINT.

    Raises:
        SettingsError: a connector is set in part.
        TicketStoreError: there is no database to deliver from.
    """
    ways = connectors(settings)
    with closing(TicketStore.open(settings.ticket_database_url)) as store:
        worker = Worker(store.outbox, make_url(settings.ticket_database_url), ways)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, worker.stop)
        await worker.begin()
        names = [way.name for family in ways.values() for way in family]
        print(f"{DELIVERING}{', '.join(names)}.", flush=True)  # noqa: T201 - `amends run` waits for it
        purging = asyncio.create_task(purge_daily(settings))
        try:
            await worker.run()
        finally:
            purging.cancel()


def main() -> int:
    """Returns the exit code."""
    try:
        asyncio.run(serve(get_settings()))
    except AmendsError as error:
        print(f"amends: {error}", file=sys.stderr)  # noqa: T201 - the log of the process
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
