"""The whole channel with Rasa's agent, its trained model and a tracker database behind it."""

import asyncio
import json
import re
import sqlite3
from pathlib import Path

import pytest
from browser import Browser
from channel_server import serve
from fake_actions import ACTIONS
from fake_app import serve_app
from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore
from said import SAID

from assistant.web_channel.words import Words

TICKETS = """
CREATE TABLE conversations (
  conversation_id TEXT PRIMARY KEY, talking TEXT NOT NULL, agent TEXT, updated_at TEXT
)
"""

CARD = "4111 1111 1111 1111"
CARD_REMOVED = Words.load().say("card_removed", "en")


@pytest.fixture
def app():
    with serve_app() as served:
        yield served


@pytest.fixture
def channel(tmp_path, agent, actions, app):
    with sqlite3.connect(tmp_path / "tickets.db") as tickets:
        tickets.execute(TICKETS)
    # The agent is everybody's in these tests; its database is this test's.
    store = SQLTrackerStore(agent.domain, db=str(tmp_path / "conversations.db"))
    agent.tracker_store = agent.processor.tracker_store = store
    endpoint = agent.action_endpoint
    with serve(tmp_path, real=True, agent=agent, actions_url=app[1]) as served:
        yield served
    agent.tracker_store = agent.processor.tracker_store = InMemoryTrackerStore(agent.domain)
    agent.action_endpoint = agent.processor.action_endpoint = endpoint


def test_a_shopper_is_answered_and_finds_the_same_after_a_reload(channel, actions):
    token = channel.token()

    async def chat():
        async with Browser(channel.url, token) as tab:
            assert (await tab.next("session_confirm"))["messages"] == []
            assert (await tab.say("hey, good evening", "greeting-0001"))["ok"]
            answer = await tab.next("message", timeout=20)
            assert answer["role"] == "bot"
            assert answer["text"].startswith("action_answer_intent")
            await asyncio.sleep(0.5)  # The turn is saved after its last word was shown.
        async with Browser(channel.url, token) as tab:
            replayed = (await tab.next("session_confirm"))["messages"]
            assert [found["id"] for found in replayed] == ["greeting-0001", answer["id"]]
            assert [found["text"] for found in replayed] == ["hey, good evening", answer["text"]]

    asyncio.run(chat())


def test_history_is_replayed_by_a_server_that_started_anew(channel, tmp_path, agent, app):
    token = channel.token()

    async def say():
        async with Browser(channel.url, token) as tab:
            await tab.next("session_confirm")
            await tab.say("hey, good evening", "greeting-0001")
            answer = await tab.next("message", timeout=20)
            await asyncio.sleep(0.5)
            return answer["id"]

    async def read(url):
        async with Browser(url, token) as tab:
            messages = (await tab.next("session_confirm"))["messages"]
            assert (await tab.say("hey, good evening", "greeting-0001"))["ok"]
            assert await tab.quiet("message", 1)
            return [found["id"] for found in messages]

    answer = asyncio.run(say())
    with serve(tmp_path, real=True, agent=agent, actions_url=app[1]) as again:
        assert asyncio.run(read(again.url)) == ["greeting-0001", answer]


def test_an_action_server_that_fails_is_answered_for_in_words(channel, actions):
    actions.failing = {"action_answer_intent"}

    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            await tab.say("hey, good evening")
            answer = await tab.next("message", timeout=20)
            assert "Something is not working on our side" in answer["text"]

    asyncio.run(chat())


def test_while_a_person_talks_the_bot_does_not(channel, actions, app, tmp_path):
    token = channel.token()
    sender = channel.tokens.shopper(token).sender

    async def chat():
        async with Browser(channel.url, token) as tab:
            await tab.next("session_confirm")
            assert (await asyncio.to_thread(channel.push, sender, "join-0001", "joined", "")).ok
            assert await tab.next("talking") == {"who": "agent", "name": "Mia"}
            before = len(actions.calls)
            await tab.say("hello?")
            assert await tab.quiet("message", 1)
            assert len(actions.calls) == before
            path, _, content = app[0].requests[-1]
            assert (path, json.loads(content)["text"]) == ("/inbox", "hello?")

    with sqlite3.connect(tmp_path / "tickets.db") as tickets:
        tickets.execute(
            "INSERT INTO conversations VALUES (?, 'agent', 'Mia', '2026-01-01')", (sender,)
        )
    asyncio.run(chat())


def test_who_waits_reads_the_apps_notice_once_and_finds_it_after_a_reload(
    channel, actions, app, tmp_path
):
    token = channel.token()
    sender = channel.tokens.shopper(token).sender
    notice = {"id": "wait-1-notice", "text": "Your case is with our team."}
    app[0].body = json.dumps({"new": True, "notice": notice}).encode()

    async def chat():
        async with Browser(channel.url, token) as tab:
            assert (await tab.next("session_confirm"))["talking"]["who"] == "waiting"
            await tab.say("hello?", "waiting-0001")
            assert await tab.next("talking") == {"who": "waiting", "name": None}
            shown = await tab.next("message")
            assert (shown["id"], shown["role"], shown["text"]) == (
                notice["id"],
                "notice",
                notice["text"],
            )
            await asyncio.sleep(1.1)
            await tab.say("anybody there?", "waiting-0002")
            assert await tab.quiet("message", 1)
            assert actions.calls == []
        async with Browser(channel.url, token) as tab:
            replayed = (await tab.next("session_confirm"))["messages"]
            assert [found["text"] for found in replayed] == [
                "hello?",
                notice["text"],
                "anybody there?",
            ]

    with sqlite3.connect(tmp_path / "tickets.db") as tickets:
        tickets.execute("INSERT INTO conversations VALUES (?, 'waiting', NULL, '')", (sender,))
    asyncio.run(chat())


def assert_card_is_kept_nowhere(folder):
    # Four digits alone stand in many a probability.
    for file in filter(Path.is_file, folder.rglob("*")):
        assert not re.search(rb"4111[^0-9]?1111", file.read_bytes()), file


def test_a_card_number_is_kept_nowhere_and_the_shopper_is_told_once(channel, actions, tmp_path):
    token = channel.token()

    async def chat():
        async with Browser(channel.url, token) as tab:
            await tab.next("session_confirm")
            ack = await tab.say(f"where has my bookshelf got to, {CARD}", "card-00001")
            assert ack["text"] == "where has my bookshelf got to, [card]"
            notice = await tab.next("message", timeout=20)
            assert (notice["role"], notice["text"]) == ("notice", CARD_REMOVED)
            answer = await tab.next("message", timeout=20)
            assert answer["role"] == "bot"
            await asyncio.sleep(0.5)
            await tab.say("hey, good evening", "greeting-0001")
            greeted = await tab.next("message", timeout=20)
            assert greeted["role"] == "bot"
            await asyncio.sleep(0.5)
        async with Browser(channel.url, token) as tab:
            replayed = (await tab.next("session_confirm"))["messages"]
            shown = ["card-00001", notice["id"], answer["id"], "greeting-0001", greeted["id"]]
            assert [found["id"] for found in replayed] == shown
            assert replayed[0]["text"] == "where has my bookshelf got to, [card]"

    asyncio.run(chat())
    assert_card_is_kept_nowhere(tmp_path)


def test_a_card_number_is_taken_out_while_a_person_talks(channel, actions, app, tmp_path):
    token = channel.token()
    sender = channel.tokens.shopper(token).sender

    async def chat():
        async with Browser(channel.url, token) as tab:
            await tab.next("session_confirm")
            await tab.say(f"here is my card: {CARD}", "card-00001")
            notice = await tab.next("message", timeout=20)
            assert (notice["role"], notice["text"]) == ("notice", CARD_REMOVED)
            assert await tab.quiet("message", 1)
            path, _, content = app[0].requests[-1]
            assert (path, json.loads(content)["text"]) == ("/inbox", "here is my card: [card]")
        async with Browser(channel.url, token) as tab:
            replayed = (await tab.next("session_confirm"))["messages"]
            assert [found["id"] for found in replayed] == ["card-00001", notice["id"]]

    with sqlite3.connect(tmp_path / "tickets.db") as tickets:
        tickets.execute("INSERT INTO conversations VALUES (?, 'agent', 'Mia', '')", (sender,))
    asyncio.run(chat())
    assert_card_is_kept_nowhere(tmp_path)


def test_a_card_number_and_no_answer_are_both_told(channel, actions, tmp_path):
    actions.failing = set(ACTIONS)

    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            await tab.say(CARD)
            assert (await tab.next("message", timeout=20))["text"] == CARD_REMOVED
            answer = await tab.next("message", timeout=20)
            assert "Something is not working on our side" in answer["text"]

    asyncio.run(chat())
    assert_card_is_kept_nowhere(tmp_path)


def test_a_form_that_fails_says_so_and_gets_the_next_message(channel, actions):
    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            await tab.say(SAID["get_refund"])
            assert (await tab.next("message", timeout=20))["text"].startswith("refund_form")
            actions.failing = {"refund_form"}
            await tab.say("10342")
            words = (await tab.next("message", timeout=20))["text"]
            assert "Something is not working on our side" in words
            actions.failing = set()
            await tab.say("stop")
            assert (await tab.next("message", timeout=20))["text"].startswith("refund_form")

    asyncio.run(chat())


def test_thirty_messages_in_a_second_within_a_form(channel, actions):
    """Each is answered in its turn or refused in words, and none of those taken is lost."""

    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            await tab.say(SAID["get_refund"])
            await tab.next("message", timeout=20)
            ids = [f"flood-{number:04d}" for number in range(30)]
            sent = [tab.post("message", {"id": one, "text": f"number {one}"}) for one in ids]
            acks = await asyncio.gather(*sent)
            taken = [one for one, ack in zip(ids, acks, strict=True) if ack["ok"]]
            refused = [ack for ack in acks if not ack["ok"]]
            assert len(taken) >= 7
            assert all(
                ack["code"] == "too_many" and "Please wait" in ack["words"] for ack in refused
            )
            answers = [(await tab.next("message", timeout=30))["text"] for _ in taken]
            assert answers == [f"refund_form {one}" for one in taken]
            assert await tab.quiet("message", 1)

    asyncio.run(chat())


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        '/complaint{"a": 1}',
        "{{7*7}}",
        "{% for one in range(9) %}x{% endfor %}",
        "ann@example.com' OR '1'='1' --@example.com",
        'ann"@example.com\nBcc: all@example.com',
        "<script>alert(1)</script>@example.com",
        "\n".join(f"line {number}" for number in range(50)),
    ],
)
def test_odd_input_in_a_form_is_text_for_the_form(channel, actions, text):
    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            await tab.say(SAID["get_refund"])
            await tab.next("message", timeout=20)
            await tab.say(text, "odd-000001")
            answer = await tab.next("message", timeout=20)
            assert answer["text"] == "refund_form odd-000001"

    asyncio.run(chat())
