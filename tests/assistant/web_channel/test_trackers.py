"""The tracker database is down: a file that cannot be opened, a PostgreSQL that is stopped."""

import asyncio
import shutil
import tempfile
import time
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from bench import (
    HELLO,
    HELLO_ANSWERED,
    RUDE,
    RUDE_ANSWERED,
    SLACK_S,
    TIMES,
    WORDS,
    Bench,
    Recorder,
    broken,
    said,
)
from postgres import postgres
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import BotUttered
from sqlalchemy.exc import OperationalError

from assistant.web_channel import trackers
from assistant.web_channel.trackers import GuardedStore, TrackersDownError, TrackersLateError

KEPT = WORDS.say("kept", "en")
SAID = ["where is my parcel", "hello?", "still nothing"]


@pytest.fixture(scope="module")
def server():
    # Not pytest's folder: the user `postgres` may not pass through it.
    folder = Path(tempfile.mkdtemp(prefix="amends-pg-"))
    try:
        with postgres(folder) as server:
            yield server
    finally:
        shutil.rmtree(folder)


class OnFile:
    """A bench on SQLite."""

    def __init__(self, agent, folder, loop):
        self.bench = Bench(agent, folder, loop)

    @contextmanager
    def down(self):
        with broken(self.bench.tracker_file):
            yield


class OnPostgres:
    """A bench on a real PostgreSQL."""

    def __init__(self, agent, folder, loop, server):
        self.server = server
        store = SQLTrackerStore(
            agent.domain, dialect="postgresql", host="127.0.0.1", port=server.port,
            db="postgres", username="postgres", password="",
        )  # fmt: skip
        with store.session_scope() as session:
            session.query(store.SQLEvent).delete()
            session.commit()
        self.bench = Bench(agent, folder, loop, store)

    @contextmanager
    def down(self):
        self.server.stop()
        try:
            yield
        finally:
            self.server.start()


@pytest.fixture(params=["sqlite", "postgresql"])
def setting(request, agent, tmp_path, loop):
    if request.param == "sqlite":
        setting = OnFile(agent, tmp_path, loop)
    else:
        setting = OnPostgres(agent, tmp_path, loop, request.getfixturevalue("server"))
    yield setting
    setting.bench.close()


@pytest.fixture
def bench(agent, tmp_path, loop):
    bench = Bench(agent, tmp_path, loop)
    yield bench
    bench.close()


def test_down_in_the_middle_of_a_conversation(setting):
    bench = setting.bench
    assert bench.say(HELLO).texts == [HELLO_ANSWERED]
    calls = len(bench.app.calls)
    with setting.down():
        for text in SAID:
            screen = bench.say(text)
            assert screen.texts == [KEPT]
            assert screen.messages[0]["after"] < SLACK_S
    assert len(bench.app.calls) == calls
    # What waits goes first, before what the shopper says now.
    assert bench.say(RUDE).texts == [RUDE_ANSWERED]
    expected = [HELLO, HELLO_ANSWERED, *[t for text in SAID for t in (text, KEPT)]]
    assert [text for _, text in bench.kinds()] == [*expected, RUDE, RUDE_ANSWERED]
    bench.deliver_until(lambda: len(bench.app.inbox) >= 3)
    assert [post["text"] for post in bench.app.inbox] == SAID
    assert [text for _, text in bench.kinds()] == [*expected, RUDE, RUDE_ANSWERED]


def test_the_background_alone_gives_it_to_the_tracker(setting):
    bench = setting.bench
    with setting.down():
        messages = [said(text) for text in SAID]
        shown = [bench.run(message).messages[0]["id"] for message in messages]
    bench.deliver_until(lambda: len(bench.kinds()) >= 6)
    assert [text for _, text in bench.kinds()] == [t for text in SAID for t in (text, KEPT)]
    ids = [trackers.id_of(event) for event in bench.events() if trackers.id_of(event)]
    assert ids == [i for m, s in zip(messages, shown, strict=True) for i in (m.id, s)]


def test_a_conversation_of_a_person_is_not_answered_by_the_bot(setting):
    bench = setting.bench
    bench.claim("Mia")
    bench.say(HELLO)
    with setting.down():
        assert bench.say(RUDE).messages == []  # Mia has it.
    assert [post["text"] for post in bench.app.inbox] == [HELLO, RUDE]
    assert bench.app.calls == []
    bench.deliver_until(lambda: len(bench.kinds()) == 2)


def test_down_and_the_spool_too_nothing_is_promised(bench):
    bench.say(HELLO)
    with broken(bench.tracker_file), broken(bench.folder / "kept.db"):
        assert bench.say(RUDE).texts == [WORDS.say("not_kept", "en")]


def test_a_message_that_was_kept_and_comes_again_is_kept_once(bench):
    bench.say(HELLO)
    message = said(RUDE)
    with broken(bench.tracker_file):
        bench.run(message)
        bench.run(message)
    bench.deliver_until(lambda: len(bench.kinds()) >= 4)
    assert [text for _, text in bench.kinds()] == [HELLO, HELLO_ANSWERED, RUDE, KEPT]
    assert len(bench.app.inbox) == 1


def test_a_frozen_database_holds_up_nobody_else(agent, tmp_path, loop, server):
    bench = OnPostgres(agent, tmp_path, loop, server).bench
    bench.say(HELLO)
    screen, ticks = Recorder(), []

    async def clock():
        while True:
            ticks.append(time.monotonic())
            await asyncio.sleep(0.01)

    async def turn():
        ticking = asyncio.ensure_future(clock())
        await bench.turns.run(said(RUDE), screen)
        ticking.cancel()

    with server.frozen():
        bench.wait(turn())
    assert screen.texts in ([KEPT], [WORDS.say("late", "en")])
    assert screen.messages[0]["after"] < TIMES.apology_s + SLACK_S
    assert max(b - a for a, b in pairwise(ticks)) < SLACK_S
    bench.deliver_until(lambda: len(bench.kinds()) == 4)
    bench.close()


def test_what_rasa_does_without_us(bench, agent):
    """The reason for all this: should Rasa behave one day, the guard can go."""
    bench.say(HELLO)
    with broken(bench.tracker_file):
        bench.start_rasa(agent.tracker_store._inner)
        assert bench.wait(agent.tracker_store.retrieve("web-1")) is None


def store_that(question, limit_s=0.2):
    class Store(SQLTrackerStore):
        async def retrieve(self, sender_id):
            return question()

        async def save(self, tracker):
            question()

    return GuardedStore(Store(db=":memory:"), limit_s)


def test_errors_are_errors_without_what_was_stored(loop):
    def fail():
        raise OperationalError("INSERT", {"data": "my card is 4111"}, OSError("gone"))

    with pytest.raises(TrackersDownError, match=r"^tracker database: OperationalError$") as error:
        loop.run_until_complete(store_that(fail).retrieve("web-1"))
    assert error.value.__cause__ is None


def test_a_connection_that_a_restart_broke_is_tried_once_more(loop):
    answers = [OSError("terminating connection"), None]

    def ask():
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    assert loop.run_until_complete(store_that(ask).retrieve("web-1")) is None
    assert answers == []


def test_late_is_an_error_in_time(loop):
    began = time.monotonic()
    with pytest.raises(TrackersLateError, match=r"expected an answer in 0\.2 s, found none"):
        loop.run_until_complete(store_that(lambda: time.sleep(1)).retrieve("web-1"))
    assert time.monotonic() - began < 0.9


def test_a_read_waits_for_a_save_that_nobody_waits_for_any_more(loop):
    done = []

    def save_slowly():
        time.sleep(0.3)
        done.append("saved")

    store = store_that(save_slowly)
    tracker = store.init_tracker("web-1")

    async def save_and_read():
        with pytest.raises(TrackersLateError):
            await store.save(tracker)
        store._inner.retrieve = read
        await store.retrieve("web-1")

    async def read(_):
        done.append("read")

    loop.run_until_complete(save_and_read())
    assert done == ["saved", "read"]


def test_guard_and_its_repetition(bench, agent):
    trackers.guard(agent)
    guarded = agent.tracker_store
    assert isinstance(guarded, GuardedStore)
    assert isinstance(guarded._inner, SQLTrackerStore)
    trackers.guard(agent)
    assert agent.tracker_store is guarded is agent.processor.tracker_store


def test_append_and_find(bench, agent):
    told = BotUttered("Hello, Mia here", metadata={"id": "push-0001"})
    assert bench.wait(trackers.has_message(agent, "web-1", "push-0001")) is False
    bench.wait(trackers.append(agent, "web-1", [told]))
    assert bench.wait(trackers.has_message(agent, "web-1", "push-0001")) is True
    assert bench.wait(trackers.has_message(agent, "web-2", "push-0001")) is False
    bench.wait(trackers.add_missing(agent, "web-1", [told]))
    assert bench.kinds() == [("bot", "Hello, Mia here")]
    assert bench.say(HELLO).texts == [HELLO_ANSWERED]


def test_append_in_the_middle_of_a_turn_loses_nothing(bench, agent):
    bench.app.break_it("slow", slow_s=0.2)

    async def both():
        turn = asyncio.ensure_future(bench.turns.run(said(HELLO), Recorder()))
        await asyncio.sleep(0.2)
        told = BotUttered("Mia joined", metadata={"id": "push-0002"})
        await trackers.append(agent, "web-1", [told])
        await turn

    bench.wait(both())
    assert [text for _, text in bench.kinds()] == [HELLO, HELLO_ANSWERED, "Mia joined"]


def test_append_does_not_wait_for_ever_for_a_turn(bench, agent, monkeypatch):
    monkeypatch.setattr(trackers, "LIMIT_S", 0.1)

    async def held():
        async with trackers.lock("web-1"):
            await trackers.append(agent, "web-1", [BotUttered("x")])

    with pytest.raises(TrackersLateError, match="found it busy"):
        bench.wait(held())
