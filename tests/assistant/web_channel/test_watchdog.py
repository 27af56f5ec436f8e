import asyncio
import time

import pytest
from bench import SLACK_S

from assistant.web_channel.actions_endpoint import TURN_S
from assistant.web_channel.watchdog import Ending, Times, watch

TIMES = Times(still_looking_s=0.1, apology_s=0.3)


def watched(loop, work, age_s=0.0):
    """How it ended, what was called in which order, and how long it took."""
    calls = []

    async def still_looking():
        calls.append("still looking")

    async def run():
        began = time.monotonic()
        ended = await watch(
            work(calls), began - age_s, TIMES,
            still_looking=still_looking, too_late=lambda: calls.append("too late"),
        )  # fmt: skip
        took = time.monotonic() - began
        await asyncio.sleep(0.4)  # What would still come, comes now.
        return ended, took

    ended, took = loop.run_until_complete(run())
    return ended, calls, took


async def quick(calls):
    calls.append("words")


async def slow(calls):
    await asyncio.sleep(0.2)
    calls.append("words")


async def hung(calls):
    await asyncio.sleep(0.5)
    calls.append("late words")


async def failing(_):
    raise KeyError("x")


async def stubborn(calls):
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        await asyncio.sleep(0.05)
        calls.append("cleaned up")


@pytest.mark.parametrize(
    ("work", "ending", "calls"),
    [
        (quick, Ending.DONE, ["words"]),
        (slow, Ending.DONE, ["still looking", "words"]),
        (hung, Ending.LATE, ["still looking", "too late"]),
        (failing, Ending.FAILED, []),
        (stubborn, Ending.LATE, ["still looking", "too late", "cleaned up"]),
    ],
)
def test_endings(loop, work, ending, calls):
    ended, called, took = watched(loop, work)
    assert (ended.ending, called) == (ending, calls)
    assert took < TIMES.apology_s + SLACK_S
    assert isinstance(ended.error, KeyError) == (ending is Ending.FAILED)


@pytest.mark.parametrize("age_s", [0.3, 5.0])
def test_time_counts_from_the_receipt(loop, age_s):
    ended, calls, took = watched(loop, slow, age_s)
    assert (ended.ending, calls) == (Ending.LATE, ["still looking", "too late"])
    assert took < SLACK_S


def test_what_is_cancelled_from_outside_leaves_nothing_running(loop):
    calls = []

    async def run():
        async def nothing():
            """Not called."""

        watching = asyncio.ensure_future(
            watch(hung(calls), time.monotonic(), Times(), still_looking=nothing, too_late=print)
        )
        await asyncio.sleep(0.05)
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching
        await asyncio.sleep(0.6)

    loop.run_until_complete(run())
    assert calls == []


def test_the_words_of_the_endpoint_come_before_the_apology():
    assert Times().still_looking_s < TURN_S < Times().apology_s
