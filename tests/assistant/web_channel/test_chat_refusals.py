"""What is not taken, what fails, and what a turn is told."""

import asyncio
import time

import jwt
import pytest
from browser import Browser, RefusedConnectionError, new_id
from channel_server import SESSION_KEY, SHOP_KEY, serve


@pytest.fixture
def channel(tmp_path):
    with serve(tmp_path) as served:
        yield served


REFUSED = {
    "too long": ({"text": "a" * 4001}, "too_long", "longer than 4000 characters"),
    "empty": ({"text": "  "}, "bad_message", "could not read"),
    "no text": ({"text": None}, "bad_message", "could not read"),
    "a file that was never uploaded": ({"attachment": "f-1"}, "bad_message", "could not read"),
}


@pytest.mark.parametrize(("changes", "code", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_message_is_refused_in_words(channel, changes, code, words):
    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            ack = await tab.ask("message", {"id": new_id(), "text": "a", **changes})
            assert (ack["ok"], ack["code"], ack["retry_after_s"]) == (False, code, None)
            assert words in ack["words"]
            assert channel.turns.said == []
            assert (await tab.say("hello"))["ok"]

    asyncio.run(chat())


@pytest.mark.parametrize("data", [(), (None,), (7,), ("text",), ([],), ({}, {}, {})])
def test_an_event_of_another_shape_is_refused_in_words(channel, data):
    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            for event in ("message", "rating"):
                assert (await tab.ask(event, *data))["code"] == "bad_message"

    asyncio.run(chat())


def test_commands_markup_and_links_are_only_text(channel):
    said = [
        "/restart",
        "//session_start",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
    ]

    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            for text in said:
                await tab.say(text)
            await tab.next("message")
        assert [found.text for found in channel.turns.said] == [
            "restart",
            "session_start",
            *said[2:],
        ]

    asyncio.run(chat())


def test_a_turn_that_fails_ends_in_words_and_the_next_goes_on(channel):
    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            channel.turns.fails = True
            await tab.say("hello")
            told = await tab.next("message")
            assert told["role"] == "notice"
            assert told["text"].startswith("Something went wrong on our side")
            channel.turns.fails = False
            await tab.say("again")
            assert (await tab.next("message"))["text"] == "you said again"

    asyncio.run(chat())


@pytest.mark.parametrize(
    ("asked", "words"),
    [("en", "Please reload the page."), ("zh-CN", "刷新"), (None, "Please"), ({}, "Please")],
)
def test_a_refusal_speaks_the_pages_language(channel, asked, words):
    async def chat():
        with pytest.raises(RefusedConnectionError) as refused:
            async with Browser(channel.url, "forged", language=asked):
                pass
        assert refused.value.args[0]["code"] == "bad_token"
        assert words in refused.value.args[0]["words"]

    asyncio.run(chat())


def test_what_a_turn_is_told(channel):
    identity = {"aud": "amends-identity", "sub": "7", "name": "Ada", "exp": time.time() + 3600}
    token = channel.post(
        "session", json={"identity": jwt.encode(identity, SHOP_KEY, "HS256")}
    ).json()["token"]

    async def chat():
        async with Browser(channel.url, token, language="zh-CN") as tab:
            await tab.next("session_confirm")
            await tab.say("hello", "my-own-id-1")
            await tab.next("message")
        said = channel.turns.said[0]
        assert (said.id, said.text, said.language, said.name) == (
            "my-own-id-1",
            "hello",
            "zh",
            "Ada",
        )
        assert said.sender.startswith("shop-")
        assert 0 <= time.monotonic() - said.received < 5

    asyncio.run(chat())


def test_a_token_that_ends_in_an_open_tab_is_refused(channel):
    sender = channel.tokens.shopper(channel.token()).sender
    claims = {"aud": "amends-chat", "sub": sender, "exp": time.time() + 1}

    async def chat():
        async with Browser(channel.url, jwt.encode(claims, SESSION_KEY, "HS256")) as tab:
            await tab.next("session_confirm")
            assert (await tab.say("hello"))["ok"]
            await asyncio.sleep(2)
            assert (await tab.say("hello"))["code"] == "expired_token"

    asyncio.run(chat())
