"""How good it was, from the shopper to the app."""

import asyncio
import json

import pytest
from browser import Browser
from channel_server import serve
from fake_app import serve_app


@pytest.fixture
def app():
    with serve_app() as served:
        yield served


@pytest.fixture
def channel(tmp_path, app):
    with serve(tmp_path, actions_url=app[1]) as served:
        yield served


def test_a_rating_reaches_the_app_and_closes_the_question_everywhere(channel, app):
    token = channel.token()
    sender = channel.tokens.shopper(token).sender
    channel.push(sender, "rate-0001", "rating", "How was it?", None)

    async def chat():
        async with Browser(channel.url, token) as one, Browser(channel.url, token) as two:
            assert (await one.next("session_confirm"))["rating"] == "rate-0001"
            await two.next("session_confirm")
            assert await one.ask("rating", {"id": "rate-0001", "score": 4}) == {"ok": True}
            assert await two.next("rating") == {"id": None}
        async with Browser(channel.url, token) as tab:
            confirmed = await tab.next("session_confirm")
            assert confirmed["rating"] is None
            assert [found["text"] for found in confirmed["messages"]] == ["How was it?"]

    asyncio.run(chat())
    path, headers, content = app[0].requests[0]
    assert path == "/ratings"
    assert json.loads(content) == {"conversation": sender, "id": "rate-0001", "score": 4}
    channel.tokens.check_service(headers["Authorization"].removeprefix("Bearer "))


@pytest.mark.parametrize("status", [500, 401, 503])
def test_what_is_not_stored_is_not_thanked_for(channel, app, status):
    app[0].status = status

    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            told = await tab.ask("rating", {"id": "rate-0001", "score": 4})
            assert (told["ok"], told["code"]) == (False, "unavailable")
            assert "this was not sent" in told["words"]
            assert await tab.quiet("rating")

    asyncio.run(chat())


@pytest.mark.parametrize("data", [None, {"id": "rate-0001"}, {"id": "rate-0001", "score": 6}])
def test_what_is_no_rating_is_refused_in_words(channel, app, data):
    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            assert (await tab.ask("rating", data))["code"] == "bad_message"

    asyncio.run(chat())
    assert app[0].requests == []
