"""Tells open pages which tickets changed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Engine


class Live:
    """Watches the database for changes and passes their references on."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def start(self) -> None:
        """Begin to watch."""

    async def stop(self) -> None:
        """End watching."""

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator["asyncio.Queue[str]"]:
        """A queue of the references of tickets that change from now on."""
        yield asyncio.Queue()
