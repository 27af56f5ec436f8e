"""One shopper's messages one after the other; different shoppers' at the same time."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from assistant.web_channel.refusals import RefusedError
from assistant.web_channel.said import Said

logger = logging.getLogger(__name__)

GUESSED_TURN_S = 2.0


class InboxQueue:
    """Queues by sender, so that Rasa's own lock, which is polled once a second, is always free.

    Args:
        run: one turn.
        waiting: so many messages may wait behind the one at hand.
    """

    def __init__(self, run: Callable[[Said], Awaitable[None]], waiting: int) -> None:
        self._run = run
        self._waiting = waiting
        self._queues: dict[str, deque[Said]] = {}
        self._workers: set[asyncio.Task[None]] = set()

    def put(self, said: Said) -> None:
        """Run it after what this shopper said before.

        Raises:
            RefusedError: too_many are waiting.
        """
        queue = self._queues.get(said.sender)
        if queue is None:
            self._queues[said.sender] = deque([said])
            self._start(said.sender)
        elif len(queue) < self._waiting:
            queue.append(said)
        else:
            raise RefusedError.too_many(GUESSED_TURN_S * len(queue))

    async def stop(self, wait_s: float) -> None:
        """Let the turns at hand end, for some seconds, then cancel what is left."""
        if self._workers:
            _, late = await asyncio.wait(self._workers, timeout=wait_s)
            for worker in late:
                worker.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _start(self, sender: str) -> None:
        worker = asyncio.get_running_loop().create_task(self._work(sender))
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self, sender: str) -> None:
        queue = self._queues[sender]
        try:
            while queue:
                await self._one(queue.popleft())
        finally:
            del self._queues[sender]

    async def _one(self, said: Said) -> None:
        try:
            await self._run(said)
        except Exception:
            # The one behind it must still be answered, whatever was wrong with this one.
            logger.exception("a turn of %s failed", said.sender)
