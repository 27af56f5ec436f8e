"""One message after the other, whatever becomes of one."""

import asyncio
import time

import pytest

from assistant.web_channel.inbox_queue import InboxQueue
from assistant.web_channel.refusals import RefusedError
from assistant.web_channel.said import Said


def said(text, sender="web-1"):
    return Said(f"id-{text}", sender, text, None, "en", None, time.monotonic())


class Runner:
    """Runs turns as slowly as it is told to."""

    def __init__(self):
        self.began, self.ended = [], []
        self.wait_s = 0.0

    async def run(self, message):
        self.began.append(message.text)
        await asyncio.sleep(self.wait_s)
        if message.text == "bad":
            raise ValueError("broken on purpose")
        self.ended.append(message.text)


async def settled(queue):
    while queue._workers:
        await asyncio.sleep(0.005)


def test_a_turn_that_raises_does_not_hold_up_the_next(caplog):
    async def work():
        runner = Runner()
        queue = InboxQueue(runner.run, 10)
        for text in ("bad", "good"):
            queue.put(said(text))
        await settled(queue)
        return runner.ended

    assert asyncio.run(work()) == ["good"]
    assert "a turn of web-1 failed" in caplog.text


def test_full_is_full_for_that_shopper_alone_and_only_until_a_turn_ends():
    async def work():
        runner = Runner()
        runner.wait_s = 0.05
        queue = InboxQueue(runner.run, 2)
        for number in range(2):
            queue.put(said(f"{number}"))
        await asyncio.sleep(0)  # The first begins and waits no longer.
        queue.put(said("2"))
        with pytest.raises(RefusedError, match="too_many"):
            queue.put(said("3"))
        queue.put(said("other", "web-2"))
        await settled(queue)
        queue.put(said("4"))
        await settled(queue)
        return [text for text in runner.ended if text != "other"]

    assert asyncio.run(work()) == ["0", "1", "2", "4"]


def test_stopping_waits_for_turns_at_hand_and_no_longer():
    async def work(wait_s):
        runner = Runner()
        runner.wait_s = 0.2
        queue = InboxQueue(runner.run, 10)
        queue.put(said("one"))
        queue.put(said("two"))
        await asyncio.sleep(0.01)
        began = time.monotonic()
        await queue.stop(wait_s)
        return runner.ended, time.monotonic() - began

    ended, waited = asyncio.run(work(5))
    assert ended == ["one", "two"]
    assert waited < 2
    ended, waited = asyncio.run(work(0.05))
    assert ended == []
    assert waited < 0.15


def test_stopping_with_nothing_at_hand():
    asyncio.run(InboxQueue(Runner().run, 10).stop(1))
