"""Blocking calls beside an event loop that has to end in time."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


async def beside(call: Callable[[], Result]) -> Result:
    """Run it in a thread of its own, which is left to itself when this is cancelled.

    A thread of asyncio's pool would keep the process from ending until the call returns.
    """
    loop = asyncio.get_running_loop()
    end: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result | None, error: BaseException | None) -> None:
        if end.done():
            return
        if error is not None:
            end.set_exception(error)
        else:
            end.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        try:
            outcome: tuple[Result | None, BaseException | None] = (call(), None)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for it
            outcome = (None, error)
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, daemon=True).start()
    return await end
