"""Work that must end in time: says when it takes longer, and stops it when it takes too long."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Any

logger = logging.getLogger(__name__)

STOP_S = 1.0


@dataclass(frozen=True)
class Times:
    """Seconds since a message was received.

    Attributes:
        still_looking_s: the shopper is told that it takes longer.
        apology_s: the shopper is told that there will be no answer. More than an action endpoint
            takes (`actions_endpoint.TURN_S`), so that its words come first.
    """

    still_looking_s: float = 3.0
    apology_s: float = 12.0


class Ending(Enum):
    """How the work ended."""

    DONE = "done"
    FAILED = "failed"
    LATE = "late"


@dataclass(frozen=True)
class Ended:
    """How the work ended, and what it raised where it failed."""

    ending: Ending
    error: BaseException | None = None


async def watch(
    work: Coroutine[Any, Any, None],
    received: float,
    times: Times,
    *,
    still_looking: Callable[[], Awaitable[None]],
    too_late: Callable[[], None],
) -> Ended:
    """Run the work until it ends or its time is up.

    Args:
        work: what to run.
        received: `time.monotonic()` from which the times count.
        times: when to do what.
        still_looking: called once, when it takes longer.
        too_late: called when time is up, before anything else can run.

    Returns:
        How it ended. Nothing of the work runs on, unless it refuses to be cancelled.
    """
    task = asyncio.get_running_loop().create_task(work)
    try:
        if not await _ends(task, received + times.still_looking_s):
            await still_looking()
            if not await _ends(task, received + times.apology_s):
                too_late()
                return Ended(Ending.LATE)
    finally:
        await _stop(task)
    error = task.exception() if not task.cancelled() else asyncio.CancelledError()
    return Ended(Ending.FAILED, error) if error is not None else Ended(Ending.DONE)


async def _ends(task: "asyncio.Task[None]", deadline: float) -> bool:
    left = max(0.0, deadline - time.monotonic())
    done, _ = await asyncio.wait({task}, timeout=left)
    return bool(done)


async def _stop(task: "asyncio.Task[None]") -> None:
    if task.done():
        return
    task.cancel()
    await asyncio.wait({task}, timeout=STOP_S)
    if task.done():
        # Asked for, so that asyncio does not report it once more.
        _ = task.cancelled() or task.exception()
    else:
        logger.error("a turn does not let itself be cancelled; nothing it says is shown")
