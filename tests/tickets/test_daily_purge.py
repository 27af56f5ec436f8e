"""What is older than the shop wants to keep goes by itself."""

import asyncio
import os
import signal
import sys
from functools import partial
from pathlib import Path

import pytest

from amends.settings import Settings
from tickets.daily_purge import purge_daily
from tickets.delivery import __main__ as process

sys.path.append(str(Path(__file__).parents[1] / "amends"))  # record_channel.py
import record_channel

OLD = "2020-01-01 00:00:00.000000"


@pytest.fixture
def channel():
    with record_channel.listening() as listening:
        yield listening


@pytest.fixture
def settings(channel, database):
    """Settings of a shop that keeps things for so many days."""

    def make(days):
        return Settings(
            rasa_port=channel.port,
            session_key=record_channel.KEY,
            database_url=f"sqlite:///{database}",
            retention_days=days,
        )

    return make


@pytest.fixture
def resolved(store, case, sql):
    """Opens a ticket that was resolved long ago."""

    def make(conversation):
        reference = store.escalate(case("m1", conversation)).ticket.reference
        store.takeover.resolve(reference)
        sql("UPDATE tickets SET resolved_at = ? WHERE reference = ?", OLD, reference)

    return make


def run(settings, meanwhile, **pauses):
    async def both():
        pauses_s = {"first_s": 0, "day_s": 0.05, "after_failure_s": 0.05, **pauses}
        purging = asyncio.create_task(purge_daily(settings, **pauses_s))
        await meanwhile(purging)
        purging.cancel()
        await asyncio.gather(purging, return_exceptions=True)

    asyncio.run(both())


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def test_again_and_again_here_and_in_rasas_record(store, channel, resolved, settings):
    channel.records = {"web-old": [{"timestamp": 1000.0}], "web-new": [{"timestamp": 1e12}]}
    resolved("c1")

    async def meanwhile(_):
        await until(lambda: not store.list() and set(channel.records) == {"web-new"})
        await asyncio.to_thread(resolved, "c2")
        await until(lambda: not store.list())

    run(settings(30), meanwhile)


def test_a_failure_is_told_and_tried_again(store, channel, resolved, settings, capsys):
    channel.records = {"web-old": [{"timestamp": 1000.0}]}
    channel.status = 503
    resolved("c1")

    async def meanwhile(_):
        await until(lambda: channel.refused)
        # What is here goes all the same.
        assert store.list() == ()
        assert "web-old" in channel.records
        channel.status = 200
        await until(lambda: not channel.records)

    run(settings(30), meanwhile, day_s=60)
    told = capsys.readouterr().err
    assert told.startswith("Retention: Expected the assistant at http://127.0.0.1:")


def test_who_keeps_things_for_ever_loses_nothing(store, resolved, settings):
    resolved("c1")

    async def meanwhile(purging):
        await asyncio.wait_for(purging, 5)

    run(settings(0), meanwhile)
    assert len(store.list()) == 1


def test_the_process_that_delivers_does_it(store, resolved, settings, monkeypatch):
    monkeypatch.setattr(process, "purge_daily", partial(purge_daily, first_s=0))
    resolved("c1")

    async def main():
        serving = asyncio.create_task(process.serve(settings(30)))
        await until(lambda: not store.list())
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(serving, 20)

    asyncio.run(main())
