"""All that Rasa's side holds of a shopper is given on request, and deleted."""

import asyncio
import sqlite3
import time

import pytest
from browser import Browser
from channel_server import break_trackers, serve
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered

from assistant.web_channel import trackers
from assistant.web_channel.kept import Item
from assistant.web_channel.talking import BOT, Owner

MINE, OTHER = "web-" + "a" * 32, "web-" + "b" * 32
NOTHING = {"events": 0, "kept": 0, "tabs": 0}


@pytest.fixture
def channel(tmp_path):
    with serve(tmp_path) as served:
        yield served


@pytest.fixture
def ask(channel):
    def post(path, token=None, **body):
        headers = {"Authorization": f"Bearer {token or channel.tokens.service()}"}
        return channel.post(path, origin=None, headers=headers, json=body)

    return post


def said(channel, sender, at=None):
    """Two events in the record, and one item in the spool."""
    events = [
        UserUttered(text=f"I am {sender}", timestamp=at),
        BotUttered(text="Hello", timestamp=at),
    ]
    channel.run(trackers.append(channel.agent, sender, events))
    channel.run(channel.kept.keep(Item("inbox", sender, "m-000001", {"text": f"I am {sender}"})))


def record_of(ask, sender):
    answer = ask("record", conversation=sender)
    assert answer.status_code == 200
    return answer.json()


def test_the_record_holds_every_event_and_what_is_under_way(channel, ask):
    said(channel, MINE)
    said(channel, OTHER)
    record = record_of(ask, MINE)
    texts = [event.get("text") for event in record["events"] if event["event"] in ("user", "bot")]
    assert texts == [f"I am {MINE}", "Hello"]
    (item,) = record["kept"]
    assert (item["destination"], item["id"], item["state"]) == ("inbox", "m-000001", "waiting")
    assert item["body"] == {"text": f"I am {MINE}"}
    assert OTHER not in str(record)


def test_nothing_of_the_shopper_is_left_on_disk_and_all_of_others(channel, ask, tmp_path):
    said(channel, MINE)
    said(channel, OTHER)
    before = record_of(ask, OTHER)
    events = len(record_of(ask, MINE)["events"])
    assert ask("forget", conversation=MINE).json() == {"events": events, "kept": 1, "tabs": 0}
    assert record_of(ask, MINE) == {"events": [], "kept": []}
    assert record_of(ask, OTHER) == before
    for file, table in (("conversations.db", "events"), ("web_kept.db", "kept")):
        with sqlite3.connect(tmp_path / file) as database:
            assert MINE not in str(database.execute(f"SELECT * FROM {table}").fetchall())


def test_forgetting_again_finds_nothing(channel, ask):
    said(channel, MINE)
    ask("forget", conversation=MINE)
    assert ask("forget", conversation=MINE).json() == NOTHING
    assert ask("forget", conversation="never heard of").json() == NOTHING


def test_open_tabs_are_closed_and_a_new_one_finds_nothing(channel, ask):
    token = channel.token()
    sender = channel.tokens.shopper(token).sender
    channel.talking.learn(sender, Owner("agent", "Mia"))

    async def chat():
        async with Browser(channel.url, token) as tab:
            await tab.next("session_confirm")
            await asyncio.to_thread(channel.push, sender, "push-0001")
            await tab.next("message")
            answer = await asyncio.to_thread(ask, "forget", conversation=sender)
            assert answer.json()["tabs"] == 1
            later = await asyncio.to_thread(channel.push, sender, "push-0002")
            assert later.json() == {"shown": 0}
            assert await tab.quiet("message")
        async with Browser(channel.url, token) as tab:
            return await tab.next("session_confirm")

    assert [found["id"] for found in asyncio.run(chat())["messages"]] == ["push-0002"]
    assert channel.talking.owners[sender] == BOT
    # What has the same id as before is shown: the shopper is a new one.
    channel.push(sender, "push-0001")
    events = record_of(ask, sender)["events"]
    told = [event["metadata"]["id"] for event in events if event["event"] == "bot"]
    assert told == ["push-0002", "push-0001"]


def test_conversations_in_which_nothing_has_happened_since_go(channel, ask):
    now = time.time()
    for sender, at in ((MINE, now - 100), (OTHER, now)):
        events = [UserUttered(text=f"I am {sender}", timestamp=at)]
        channel.run(trackers.append(channel.agent, sender, events))
    with sqlite3.connect(channel.agent.tracker_store._inner.engine.url.database) as database:
        old = "UPDATE events SET timestamp = ? WHERE sender_id = ?"
        database.execute(old, (now - 100, MINE))
        # Of a conversation that goes on, what was said before stays: it is one record.
        database.execute(f"{old} AND type_name = 'session_started'", (now - 100, OTHER))
    before = record_of(ask, OTHER)
    events = len(record_of(ask, MINE)["events"])
    assert ask("forget", before=now - 50).json() == {"events": events, "kept": 0, "tabs": 0}
    assert record_of(ask, MINE)["events"] == []
    assert record_of(ask, OTHER) == before
    assert ask("forget", before=now - 50).json() == NOTHING


def test_what_was_kept_before_goes_whatever_became_of_it(channel, ask, tmp_path):
    # Not so long ago that the spool forgets them by itself.
    now = time.time()
    for number, state in enumerate(("waiting", "given", "refused", "waiting")):
        name = f"m-00000{number}"
        channel.run(channel.kept.keep(Item("inbox", MINE, name, {})))
        with sqlite3.connect(tmp_path / "web_kept.db") as database:
            at = now - 100 if number < 3 else now
            values = (state, at, name)
            database.execute("UPDATE kept SET state = ?, at = ? WHERE id = ?", values)
    assert ask("forget", before=now - 50).json() == {"events": 0, "kept": 3, "tabs": 0}
    assert [item["id"] for item in record_of(ask, MINE)["kept"]] == ["m-000003"]


@pytest.mark.parametrize("path", ["forget", "record"])
@pytest.mark.parametrize("token", ["forged", "shoppers"])
def test_only_the_app_may_ask(channel, ask, path, token):
    said(channel, MINE)
    given = channel.token() if token == "shoppers" else "x.y.z"
    answer = ask(path, given, conversation=MINE)
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")
    assert record_of(ask, MINE)["events"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"conversation": ""},
        {"conversation": 5},
        {"conversation": None},
        {"conversation": "x" * 256},
        {"before": "today"},
        {"before": True},
        {"before": None},
        {"conversation": MINE, "padding": "x" * 5000},
    ],
)
def test_what_names_nobody_is_refused(channel, ask, body):
    said(channel, MINE)
    answer = ask("forget", **body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_message")
    assert record_of(ask, MINE)["events"]


@pytest.mark.parametrize("path", ["forget", "record"])
def test_a_tracker_database_that_is_down_is_said(channel, ask, path):
    said(channel, MINE)
    break_trackers(channel)
    inner = channel.agent.tracker_store._inner

    def down():
        raise OSError("the database is gone")

    inner.session_scope = down
    answer = ask(path, conversation=MINE)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_a_store_that_cannot_delete_is_not_said_to_have_done_so(channel, ask):
    channel.agent.tracker_store = InMemoryTrackerStore(Domain.empty())
    assert ask("forget", conversation=MINE).status_code == 503


def test_a_spool_that_cannot_be_written_is_said(channel, ask, tmp_path):
    said(channel, MINE)
    file = tmp_path / "web_kept.db"
    with sqlite3.connect(file, isolation_level=None) as database:
        database.execute("BEGIN EXCLUSIVE")
        assert ask("forget", conversation=MINE).status_code == 503
        database.execute("ROLLBACK")
    assert ask("forget", conversation=MINE).json()["kept"] == 1


def test_a_turn_that_is_under_way_is_waited_for(channel, ask):
    said(channel, MINE)
    held = trackers.lock(MINE)

    async def hold(seconds):
        async with held:
            await asyncio.sleep(seconds)

    for seconds, status in ((0.5, 200), (6, 503)):
        turn = asyncio.run_coroutine_threadsafe(hold(seconds), channel.loop)
        time.sleep(0.1)
        assert ask("forget", conversation=MINE).status_code == status
        turn.cancel()
