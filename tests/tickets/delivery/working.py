"""Workers that tests run: in a thread, and in processes that are killed at a certain step."""

import asyncio
import itertools
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy
from pydantic import SecretStr
from receiver import SECRET
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from tickets import outbox
from tickets.delivery import back_off, deliver
from tickets.delivery.connectors import Connectors
from tickets.delivery.mail import MailConnector
from tickets.delivery.webhook import WebhookConnector
from tickets.delivery.worker import Worker
from tickets.outbox import Outbox
from tickets.store import TicketStore


def helpdesks(hook: str, mail_port: int, timeout_s: float = 5.0) -> Connectors:
    """Both connectors, with short deadlines."""
    smtp = SecretStr(f"smtp://127.0.0.1:{mail_port}")
    return {
        "ticket": (
            WebhookConnector(hook, SecretStr(SECRET), timeout_s),
            MailConnector(smtp, "amends@shop.example", "a@shop.example", "http://desk", 5.0),
        )
    }


@contextmanager
def working(url: str, connectors: Connectors, lease_s: float = 30.0) -> Iterator[Worker]:
    """A worker in a thread."""
    with closing(TicketStore.open(url)) as store:
        worker = Worker(store.outbox, make_url(url), connectors, lease_s)
        began = threading.Event()
        loops: list[asyncio.AbstractEventLoop] = []

        async def work() -> None:
            loops.append(asyncio.get_running_loop())
            await worker.begin()
            began.set()
            await worker.run()

        thread = threading.Thread(target=lambda: asyncio.run(work()))
        thread.start()
        try:
            assert began.wait(30)
            yield worker
        finally:
            loops[0].call_soon_threadsafe(worker.stop)
            thread.join(30)
            assert not thread.is_alive()


def until(condition: Any, seconds: float = 20.0) -> None:
    """Wait for it."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dying(call: Any, number: int, *, before: bool) -> Any:
    """The same call, but the process ends at its `number`th time."""
    calls = itertools.count(1)

    def run(*arguments: Any, **named: Any) -> Any:
        mine = next(calls) == number
        if mine and before:
            _die()
        result = call(*arguments, **named)
        if mine:
            _die()
        return result

    return run


def _dies_at(step: str, number: int) -> None:
    when, what = step.split(" ")
    if what == "commit":
        sqlalchemy.event.listen(
            Session, f"{when}_commit", _dying(lambda _: None, number, before=True)
        )
    elif what == "send":
        send = WebhookConnector.send

        async def dying(*arguments: Any) -> None:
            if when == "before":
                count(*arguments)
            await send(*arguments)
            if when == "after":
                count(*arguments)

        count = _dying(lambda *_: None, number, before=True)
        WebhookConnector.send = dying  # type: ignore[method-assign]
    elif what != "never":
        call = getattr(Outbox, what)
        setattr(Outbox, what, _dying(call, number, before=when == "before"))


STEPS = [
    f"{when} {what}"
    for what in ("lease", "send", "taken", "commit")
    for when in ("before", "after")
]


def life(url: str, hook: str, mail_port: int, step: str, number: int) -> None:
    """A worker's life in a process of its own, until it is killed at a step, or stopped."""
    outbox.HEAD_START = timedelta(0)
    back_off.FIRST_S = back_off.CAP_S = deliver.wait_s.__globals__["FIRST_S"] = 0.05
    _dies_at(step, number)

    async def work() -> None:
        with closing(TicketStore.open(url)) as store:
            ways = helpdesks(hook, mail_port)
            worker = Worker(store.outbox, make_url(url), ways, lease_s=0.3)
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
            await worker.begin()
            await worker.run()

    asyncio.run(work())
