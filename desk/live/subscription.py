"""What one browser has yet to be told."""

import asyncio
from dataclasses import dataclass

MAX_WAITING = 100
"""So many changed tickets wait for a slow browser; of more it is told to look at everything."""


@dataclass(frozen=True)
class Changes:
    """What happened since the last look.

    Attributes:
        references: Tickets that changed, in the order of their first change; each once.
        reload: Whether others may have changed too: everything shown is to be fetched again.
    """

    references: tuple[str, ...] = ()
    reload: bool = False


class Subscription:
    """The changes that wait for one browser. Lives in one event loop; a change costs no task."""

    def __init__(self) -> None:
        self._waiting: dict[str, None] = {}
        self._reload = False
        self._news = asyncio.Event()

    def add(self, reference: str) -> None:
        """A ticket changed."""
        if not self._reload:
            self._waiting[reference] = None
        if len(self._waiting) > MAX_WAITING:
            self.lose_track()
        self._news.set()

    def lose_track(self) -> None:
        """Anything may have changed."""
        self._waiting.clear()
        self._reload = True
        self._news.set()

    async def changes(self, timeout_s: float) -> Changes | None:
        """Wait for changes and take them away; None when there were none in that time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return None
        taken = Changes(tuple(self._waiting), self._reload)
        self._waiting.clear()
        self._reload = False
        self._news.clear()
        return taken
