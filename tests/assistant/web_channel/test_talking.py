import asyncio
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path

import psycopg2
import pytest
from bench import CONVERSATIONS, SLACK_S, broken
from postgres import postgres

from assistant.web_channel.talking import BOT, WAITING, Owner, Talking

MIA = Owner("agent", "Mia")
ROWS = [
    ("web-1", "agent", "Mia"),
    ("web-2", "bot", "Mia"),
    ("web-3", "agent", None),
    ("web-5", "waiting", None),
]


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "tickets.db"
    with sqlite3.connect(file) as database:
        database.execute(CONVERSATIONS)
        database.executemany("INSERT INTO conversations VALUES (?, ?, ?, '')", ROWS)
    return file


def talking_of(url, paused=False, limit_s=1.0):
    async def is_paused(_):
        return paused

    return Talking(url, is_paused, limit_s)


@pytest.mark.parametrize(
    ("sender", "owner"),
    [("web-1", MIA), ("web-2", BOT), ("web-3", Owner("agent")), ("web-4", BOT), ("web-5", WAITING)],
)
def test_the_store_says_who(file, loop, sender, owner):
    talking = talking_of(f"sqlite:///{file}", paused=True)
    assert loop.run_until_complete(talking.who(sender)) == owner
    assert talking.last_known(sender) == owner


@pytest.mark.parametrize(("paused", "owner"), [(True, Owner("agent")), (False, BOT)])
def test_without_the_store_and_memory_the_pause_says_who(file, loop, paused, owner):
    talking = talking_of(f"sqlite:///{file}", paused)
    with broken(file):
        assert loop.run_until_complete(talking.who("web-1")) == owner
    # It was not read, so that it is not remembered.
    assert talking.last_known("web-1") is None


def test_a_store_without_the_table_is_no_store(tmp_path, loop):
    talking = talking_of(f"sqlite:///{tmp_path / 'empty.db'}", paused=True)
    assert loop.run_until_complete(talking.who("web-1")) == Owner("agent")


@pytest.mark.parametrize("learned", [MIA, BOT])
def test_without_the_store_the_last_known_holds(file, loop, learned):
    talking = talking_of(f"sqlite:///{file}", paused=True)
    loop.run_until_complete(talking.who("web-2"))
    talking.learn("web-2", learned)
    with broken(file):
        assert loop.run_until_complete(talking.who("web-2")) == learned


def test_what_is_read_is_newer_than_what_was_learned_before(file, loop):
    talking = talking_of(f"sqlite:///{file}")
    talking.learn("web-2", MIA)
    assert loop.run_until_complete(talking.who("web-2")) == BOT


def test_a_push_while_the_store_is_read_is_newer_than_what_is_read(file, loop, monkeypatch):
    talking = talking_of(f"sqlite:///{file}")
    read = talking._read

    def slowly(sender):
        found = read(sender)
        time.sleep(0.1)
        return found

    monkeypatch.setattr(talking, "_read", slowly)

    async def both():
        asking = asyncio.ensure_future(talking.who("web-2"))
        await asyncio.sleep(0.05)
        talking.learn("web-2", MIA)
        return await asking

    assert loop.run_until_complete(both()) == MIA


def test_a_locked_store_is_given_up_in_time(file, loop):
    talking = talking_of(f"sqlite:///{file}", paused=True, limit_s=0.2)
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    assert loop.run_until_complete(talking.who("web-1")) == Owner("agent")
    assert time.monotonic() - began < SLACK_S
    holder.close()


def test_postgresql_by_another_driver_frozen_stopped_and_back(loop):
    # Not pytest's folder: the user `postgres` may not pass through it.
    folder = Path(tempfile.mkdtemp(prefix="amends-pg-"))
    with postgres(folder) as server:
        connection = psycopg2.connect(
            host="127.0.0.1", port=server.port, user="postgres", dbname="postgres"
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(CONVERSATIONS)
            cursor.executemany("INSERT INTO conversations VALUES (%s, %s, %s, '')", ROWS)
        connection.close()
        url = f"postgresql+psycopg://postgres@127.0.0.1:{server.port}/postgres"
        talking = talking_of(url, paused=True)

        def who(sender):
            return loop.run_until_complete(talking.who(sender))

        assert (who("web-1"), who("web-2")) == (MIA, BOT)
        with server.frozen():
            began = time.monotonic()
            assert who("web-1") == MIA
            assert time.monotonic() - began < 1 + SLACK_S
        server.stop()
        assert (who("web-1"), who("web-9")) == (MIA, Owner("agent"))
        server.start()
        assert (who("web-3"), who("web-9")) == (Owner("agent"), BOT)
    shutil.rmtree(folder)
