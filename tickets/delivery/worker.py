"""The worker: takes what is due from the outbox and delivers it, until it is told to stop."""

import asyncio
import sys
from contextlib import suppress
from typing import get_args

from sqlalchemy import URL

from tickets.database import TicketStoreError
from tickets.delivery.connectors import Connectors
from tickets.delivery.deliver import deliver
from tickets.delivery.wake_up import listen, poll_s
from tickets.outbox import LEASE_S, Family, Outbox

AT_ONCE = 8
"""Events of one family that are on their way together, each of another ticket or chat."""

FINISH_S = 3.0
"""What is on its way gets so long to end after a stop; `amends run` waits eight seconds."""

DATABASE_DOWN_S = 2.0

FAMILIES: tuple[Family, ...] = get_args(Family)


class Worker:
    """Delivers the events of one database; several workers share the work.

    Args:
        outbox: Where the events are.
        url: Of the database, for PostgreSQL's notifications.
        connectors: Where they go, by family; a family without any stays pending.
        lease_s: So long the event of a worker that died is left alone, in seconds.
    """

    def __init__(
        self, outbox: Outbox, url: URL, connectors: Connectors, lease_s: float = LEASE_S
    ) -> None:
        self._outbox, self._url, self._lease_s = outbox, url, lease_s
        self._connectors = {family: ways for family, ways in connectors.items() if ways}
        self._on_their_way: dict[Family, set[asyncio.Task[None]]] = {one: set() for one in FAMILIES}
        self._changed = asyncio.Event()
        self._stopping = False

    def stop(self) -> None:
        """Take nothing more; `run` returns as soon as nothing is on its way."""
        self._stopping = True
        self._changed.set()

    async def begin(self) -> None:
        """Look once, which shows that all is there to work with.

        Raises:
            TicketStoreError: the database cannot be reached.
        """
        for family in self._connectors:
            await asyncio.to_thread(self._outbox.bury_old, family)
            await self._take(family)

    async def run(self) -> None:
        """Work until `stop`; then finish what is on its way, or give it back."""
        news = asyncio.create_task(self._listen())
        try:
            while not self._stopping:
                await self._pause(await self._look())
        finally:
            news.cancel()
            await self._finish()

    async def _look(self) -> float:
        """Start what is due; returns the seconds until the next look."""
        self._changed.clear()
        try:
            for family in self._connectors:
                await self._take(family)
        except TicketStoreError as error:
            _tell(str(error))
            return DATABASE_DOWN_S
        return poll_s(self._url)

    async def _take(self, family: Family) -> None:
        free = AT_ONCE - len(self._on_their_way[family])
        if free <= 0 or self._stopping:
            return
        for event in await asyncio.to_thread(self._outbox.lease, family, free, self._lease_s):
            work = deliver(event, self._connectors[family], self._outbox)
            task = asyncio.create_task(work)
            self._on_their_way[family].add(task)
            task.add_done_callback(lambda done: self._ended(family, done))

    def _ended(self, family: Family, task: asyncio.Task[None]) -> None:
        self._on_their_way[family].discard(task)
        self._changed.set()  # the next one of that ticket may go now
        if not task.cancelled() and (error := task.exception()) is not None:
            _tell(str(error) if isinstance(error, TicketStoreError) else type(error).__name__)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    async def _listen(self) -> None:
        if self._url.get_backend_name() == "postgresql":
            await listen(self._url, self._changed)

    async def _finish(self) -> None:
        tasks = [task for tasks in self._on_their_way.values() for task in tasks]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=FINISH_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _tell(words: str) -> None:
    print(f"Deliveries: {words}", file=sys.stderr, flush=True)  # noqa: T201 - the log of the process
