"""Tells every browser of this process which tickets changed."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import Engine

from desk.live.subscription import Subscription
from desk.live.watchers import watcher


class Live:
    """One watcher of the database, and everybody who wants to hear of changes."""

    def __init__(self, engine: Engine) -> None:
        """Prepare; nothing is opened before `start`.

        Args:
            engine: Database of the ticket store.
        """
        self._engine = engine
        self._subscriptions: set[Subscription] = set()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    async def start(self) -> None:
        """Begin to watch."""
        self._stop.clear()
        watching = watcher(self._engine)
        arguments = (self._stop, self._from_thread(self._tell), self._from_thread(self._lose_track))
        self._thread = threading.Thread(
            target=watching.watch, args=arguments, name="desk-changes", daemon=True
        )
        self._thread.start()

    async def stop(self) -> None:
        """Stop watching; returns when the thread has ended."""
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[Subscription]:
        """Hear of every change from now on, until the block is left."""
        subscription = Subscription()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def _from_thread(self, call: Callable[..., None]) -> Callable[..., None]:
        loop = asyncio.get_running_loop()

        def schedule(*arguments: str) -> None:
            # A loop that has closed has nobody left to tell.
            if not loop.is_closed():
                loop.call_soon_threadsafe(call, *arguments)

        return schedule

    def _tell(self, reference: str) -> None:
        for subscription in self._subscriptions:
            subscription.add(reference)

    def _lose_track(self) -> None:
        for subscription in self._subscriptions:
            subscription.lose_track()
