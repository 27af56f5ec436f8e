"""What could not be given to its destination yet: on disk, in order, given once."""

import asyncio
import json
import logging
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

logger = logging.getLogger(__name__)

AGAIN_S = 2.0
BUSY_S = 2.0
REMEMBERED_S = 7 * 24 * 3600
TRIES_A_ROUND = 3

SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  destination TEXT NOT NULL,
  conversation TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting',
  at REAL NOT NULL,
  UNIQUE (destination, conversation, id)
)
"""
KEEP = "INSERT OR IGNORE INTO kept (destination, conversation, id, body, at) VALUES (?, ?, ?, ?, ?)"
WHO_WAITS = "SELECT DISTINCT destination, conversation FROM kept WHERE state = 'waiting'"
WHAT_WAITS = """
SELECT seq, id, body FROM kept
WHERE state = 'waiting' AND destination = ? AND conversation = ? ORDER BY seq
"""
# The words go; the row stays for a while, so that the same message is not kept again.
GIVEN = "UPDATE kept SET state = 'given', body = '{}' WHERE seq = ?"
REFUSED = "UPDATE kept SET state = 'refused' WHERE seq = ?"
FORGET = "DELETE FROM kept WHERE state = 'given' AND at < ?"
ALL_OF = "SELECT destination, id, body, state, at FROM kept WHERE conversation = ? ORDER BY seq"
ERASE = "DELETE FROM kept WHERE conversation = ? RETURNING seq"
# Whatever its state: what nobody took for so long nobody will take.
ERASE_OLD = "DELETE FROM kept WHERE at < ? RETURNING seq"


class NeverTakenError(Exception):
    """The destination will never take this item; the message says why."""


class KeptError(Exception):
    """The spool cannot be read or written; the message says which file and why."""


@dataclass(frozen=True)
class Item:
    """One thing kept.

    Attributes:
        destination: `inbox` or `tracker`.
        conversation: sender id.
        id: of the message; one destination gets it once.
        body: what the destination takes, as JSON.
    """

    destination: str
    conversation: str
    id: str
    body: dict[str, Any]


Deliver = Callable[[Item], Awaitable[None]]
"""Gives an item to its destination. Raises NeverTakenError for never, anything else for not now."""


class Kept:
    """A spool in SQLite.

    Items of one conversation for one destination are given in the order in which they were kept;
    one that is not taken yet holds back those after it, and nobody else's.
    """

    def __init__(
        self, path: Path, deliver: Mapping[str, Deliver], again_s: float = AGAIN_S
    ) -> None:
        """Keep in the file `path`; `deliver` by destination, again every `again_s` seconds."""
        self._path = path
        self._deliver = deliver
        self._again_s = again_s
        self._failing: set[str] = set()
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._task: asyncio.Task[None] | None = None

    async def keep(self, item: Item) -> None:
        """Write it down; the same item a second time changes nothing, even after it was given.

        Raises:
            KeptError: it could not be written.
        """
        row = (item.destination, item.conversation, item.id, json.dumps(item.body), time.time())
        await self._execute(KEEP, row)

    async def give(self, destination: str, conversation: str) -> bool:
        """Try to give all that waits of this conversation.

        Returns:
            Whether nothing waits any more.

        Raises:
            KeptError: the spool cannot be read.
        """
        async with self._lock(destination, conversation):
            for seq, name, body in await self._execute(WHAT_WAITS, (destination, conversation)):
                item = Item(destination, conversation, name, json.loads(body))
                if not await self._given(seq, item):
                    return False
        return True

    async def of(self, conversation: str) -> list[dict[str, Any]]:
        """All that is kept of a conversation, oldest first.

        Raises:
            KeptError: the spool cannot be read.
        """
        rows = await self._execute(ALL_OF, (conversation,))
        return [
            {"destination": to, "id": name, "body": json.loads(body), "state": state, "at": at}
            for to, name, body, state, at in rows
        ]

    async def forget(self, conversation: str) -> int:
        """Delete all that is kept of a conversation, after what is being given was given.

        Returns:
            How many items it were.

        Raises:
            KeptError: the spool cannot be written.
        """
        async with AsyncExitStack() as held:
            for destination in sorted(self._deliver):
                await held.enter_async_context(self._lock(destination, conversation))
            return len(await self._execute(ERASE, (conversation,)))

    async def forget_before(self, moment: float) -> int:
        """Delete what was kept before a moment, in seconds since 1970; returns how many items.

        Raises:
            KeptError: the spool cannot be written.
        """
        return len(await self._execute(ERASE_OLD, (moment,)))

    def start(self) -> None:
        """Begin to deliver in the background; needs a running loop."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Stop delivering; what is kept stays on disk."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self._execute(FORGET, (time.time() - REMEMBERED_S,))
                await self._round()
            except KeptError as error:
                logger.error("%s; what is kept waits", error)  # noqa: TRY400
            await asyncio.sleep(self._again_s)

    async def _round(self) -> None:
        waiting = await self._execute(WHO_WAITS)
        # Not always the same ones first: those that are tried may be those that never work.
        random.shuffle(waiting)
        failures: Counter[str] = Counter()
        for destination, conversation in waiting:
            if failures[destination] < TRIES_A_ROUND:
                given = await self.give(destination, conversation)
                failures[destination] += not given

    async def _given(self, seq: int, item: Item) -> bool:
        """Whether this item no longer waits."""
        try:
            await self._deliver[item.destination](item)
        except NeverTakenError as error:
            logger.error("%s refuses message %s: %s", item.destination, item.id, error)  # noqa: TRY400
            await self._execute(REFUSED, (seq,))
            return True
        except Exception as error:  # noqa: BLE001 - whatever it is, the item waits for its end
            self._note_failure(item.destination, error)
            return False
        self._failing.discard(item.destination)
        await self._execute(GIVEN, (seq,))
        return True

    def _note_failure(self, destination: str, error: Exception) -> None:
        if destination not in self._failing:
            logger.warning(
                "%s takes nothing (%s); messages wait", destination, type(error).__name__
            )
        self._failing.add(destination)

    def _lock(self, destination: str, conversation: str) -> asyncio.Lock:
        key = (destination, conversation)
        found = self._locks.get(key)
        if found is None:
            found = self._locks[key] = asyncio.Lock()
        return found

    async def _execute(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        try:
            return await asyncio.to_thread(self._execute_now, sql, values)
        except (sqlite3.Error, OSError) as error:
            raise KeptError(f"{self._path}: {type(error).__name__}: {error}") from error

    def _execute_now(self, sql: str, values: Sequence[Any]) -> list[Any]:
        with closing(sqlite3.connect(self._path, timeout=BUSY_S)) as database, database:
            database.execute(SCHEMA)
            return database.execute(sql, values).fetchall()
