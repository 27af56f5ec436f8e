"""What could not be given to its destination yet: on disk, in order, given once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Item:
    """One thing kept for a `destination` (`inbox` or `tracker`)."""

    destination: str
    conversation: str
    id: str
    body: dict[str, Any]


Deliver = Callable[[Item], Awaitable[None]]


class Kept:
    """A small spool in SQLite."""

    def __init__(self, path: Path, deliver: Mapping[str, Deliver]) -> None:
        self._path = path
        self._deliver = deliver

    async def keep(self, item: Item) -> None:
        """Write it down before anything else; the same item twice is kept once."""
        raise NotImplementedError

    def start(self) -> None:
        """Begin to deliver in the background; needs a running loop."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Stop delivering; what is kept stays on disk."""
        raise NotImplementedError
