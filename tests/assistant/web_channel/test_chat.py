"""A shopper chats: sessions, messages, tabs, history, and what is refused."""

import asyncio

import pytest
from browser import Browser, new_id
from channel_server import break_trackers, serve
from rasa.shared.core.events import BotUttered, UserUttered

from assistant.web_channel import trackers
from assistant.web_channel.limits import Limits, Rate


@pytest.fixture
def channel(tmp_path):
    with serve(tmp_path) as served:
        yield served


def test_a_message_is_acknowledged_and_answered(channel):
    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            confirmed = await tab.next("session_confirm")
            assert confirmed["messages"] == []
            assert confirmed["talking"] == {"who": "bot", "name": None}
            assert confirmed["limits"] == {"max_chars": 4000, "max_file_bytes": 5 * 1024 * 1024}
            assert confirmed["rating"] is None
            assert await tab.say("where is my parcel") == {"ok": True}
            assert (await tab.next("state")) == {"typing": True, "still_looking": False}
            shown = await tab.next("message")
            assert shown["text"] == "you said where is my parcel"

    asyncio.run(chat())


def test_tabs_of_one_shopper_see_the_same(channel):
    token = channel.token()

    async def chat():
        async with Browser(channel.url, token) as one, Browser(channel.url, token) as two:
            await one.next("session_confirm")
            await two.next("session_confirm")
            identifier = new_id()
            await one.say("hello", identifier)
            first = await two.next("message")
            assert (first["id"], first["role"], first["text"]) == (identifier, "shopper", "hello")
            answers = [await one.next("message"), await two.next("message")]
            assert answers[0] == answers[1]
            assert answers[0]["role"] == "bot"

    asyncio.run(chat())


def test_nobody_reads_along(channel):
    async def chat():
        async with (
            Browser(channel.url, channel.token()) as one,
            Browser(channel.url, channel.token()) as two,
        ):
            await two.next("session_confirm")
            await one.say("my address is 1 High Street")
            await one.next("message")
            assert await two.quiet("message")

    asyncio.run(chat())


def test_another_shoppers_id_changes_nothing(channel):
    """The name of a conversation is in the signed token and nowhere else."""
    victim, thief = channel.token(), channel.token()
    name = channel.tokens.shopper(victim).sender
    claims = {"sender": name, "session_id": name, "sender_id": name, "room": name, "sub": name}

    async def chat():
        async with Browser(channel.url, victim) as watched:
            await watched.next("session_confirm")
            async with Browser(channel.url, None, auth={"token": thief, **claims}) as tab:
                await tab.next("session_confirm")
                await tab.ask(
                    "message", {"id": new_id(), "text": "hi", "attachment": None, **claims}
                )
                await tab.next("message")
                assert await watched.quiet("message")
        assert channel.turns.said[0].sender == channel.tokens.shopper(thief).sender

    asyncio.run(chat())


def test_what_is_sent_again_is_acknowledged_and_said_once(channel):
    token, identifier = channel.token(), new_id()

    async def chat():
        for _ in range(3):
            async with Browser(channel.url, token) as tab:
                await tab.next("session_confirm")
                assert (await tab.say("hello", identifier))["ok"]
                assert (await tab.say("hello", identifier))["ok"]
        assert len(channel.turns.said) == 1

    asyncio.run(chat())


def test_what_is_sent_again_after_a_restart_is_said_once(tmp_path):
    identifier = new_id()

    async def say(channel, token):
        async with Browser(channel.url, token) as tab:
            await tab.next("session_confirm")
            assert (await tab.say("hello", identifier))["ok"]

    with serve(tmp_path) as channel:
        token = channel.token()
        asyncio.run(say(channel, token))
        heard = UserUttered("hello", message_id=identifier)
        channel.run(trackers.append(channel.agent, channel.tokens.shopper(token).sender, [heard]))
    with serve(tmp_path) as channel:
        asyncio.run(say(channel, token))
        assert channel.turns.said == []


def test_history_comes_back_after_a_reload(channel):
    token = channel.token()
    sender = channel.tokens.shopper(token).sender
    events = [
        UserUttered("hello", message_id="m-0000001", timestamp=1.0),
        BotUttered("good day", {}, {"id": "b-0000001"}, timestamp=2.0),
    ]
    channel.run(trackers.append(channel.agent, sender, events))

    async def chat():
        async with Browser(channel.url, token) as tab:
            messages = (await tab.next("session_confirm"))["messages"]
        assert [(found["id"], found["text"]) for found in messages] == [
            ("m-0000001", "hello"),
            ("b-0000001", "good day"),
        ]

    asyncio.run(chat())


def test_a_reload_in_the_middle_of_a_turn_loses_nothing(channel):
    token = channel.token()
    channel.turns.gate.clear()

    async def chat():
        async with Browser(channel.url, token) as tab:
            await tab.next("session_confirm")
            await tab.say("hello")
        async with Browser(channel.url, token) as tab:
            messages = (await tab.next("session_confirm"))["messages"]
            assert [found["text"] for found in messages] == ["hello"]
            channel.turns.gate.set()
            assert (await tab.next("message"))["text"] == "you said hello"
        async with Browser(channel.url, token) as tab:
            messages = (await tab.next("session_confirm"))["messages"]
            assert [found["text"] for found in messages] == ["hello", "you said hello"]

    asyncio.run(chat())


def test_trackers_that_are_down_keep_nobody_from_chatting(channel):
    token = channel.token()
    break_trackers(channel)

    async def chat():
        async with Browser(channel.url, token) as tab:
            assert (await tab.next("session_confirm"))["messages"] == []
            assert (await tab.say("hello"))["ok"]
            assert (await tab.next("message"))["text"] == "you said hello"

    asyncio.run(chat())


def test_one_shoppers_messages_keep_their_order_and_do_not_hold_up_others(channel):
    async def chat():
        async with (
            Browser(channel.url, channel.token()) as one,
            Browser(channel.url, channel.token()) as two,
        ):
            await one.next("session_confirm")
            await two.next("session_confirm")
            sent = [one.post("message", {"id": new_id(), "text": f"{n}"}) for n in range(5)]
            assert all(ack["ok"] for ack in await asyncio.gather(*sent))
            answers = [(await one.next("message"))["text"] for _ in range(5)]
            assert answers == [f"you said {n}" for n in range(5)]
            channel.turns.gate.clear()
            await one.say("held up")
            await one.say("waits")
            held = len(channel.turns.said)
            await two.say("hello")
            await asyncio.sleep(0.1)
            assert len(channel.turns.said) == held + 1
            channel.turns.gate.set()
            assert (await two.next("message"))["text"] == "you said hello"

    asyncio.run(chat())


def test_a_full_queue_says_so(tmp_path):
    limits = Limits(waiting_messages=2, messages_of_shopper=Rate(100, 100))

    async def chat(channel):
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            taken = [await tab.say(f"{number}") for number in range(4)]
            refused = taken.pop()
            assert all(ack["ok"] for ack in taken)
            assert refused["code"] == "too_many"
            assert refused["words"] == (
                "That was a lot at once. Please wait 4 seconds and send it again."
            )
            channel.turns.gate.set()
            assert [(await tab.next("message"))["text"] for _ in taken] == [
                f"you said {number}" for number in range(3)
            ]

    with serve(tmp_path, limits=limits) as channel:
        channel.turns.gate.clear()
        asyncio.run(chat(channel))


def test_more_than_eight_at_once_are_capped_and_it_says_when_to_go_on(channel):
    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            acks = [await tab.say("hello") for _ in range(10)]
            assert [ack["ok"] for ack in acks] == [True] * 8 + [False] * 2
            assert acks[-1]["code"] == "too_many"
            assert acks[-1]["retry_after_s"] == 1
            assert "wait 1 seconds" in acks[-1]["words"]
            await asyncio.sleep(1.1)
            assert (await tab.say("hello"))["ok"]

    asyncio.run(chat())


def test_a_card_number_is_taken_out_before_anybody_gets_it(channel):
    token, identifier = channel.token(), new_id()

    async def chat():
        async with Browser(channel.url, token) as one, Browser(channel.url, token) as two:
            await one.next("session_confirm")
            await two.next("session_confirm")
            for _ in range(2):  # The second time as after an acknowledgement that was lost.
                ack = await one.say("pay with 4111 1111 1111 1111, exp 12/27", identifier)
                assert ack == {"ok": True, "text": "pay with [card]"}
            assert (await two.next("message"))["text"] == "pay with [card]"
            assert (await one.next("message"))["text"] == "you said pay with [card]"
            assert await one.say("order 10342") == {"ok": True}
        assert [(said.text, said.had_card) for said in channel.turns.said] == [
            ("pay with [card]", True),
            ("order 10342", False),
        ]

    asyncio.run(chat())
