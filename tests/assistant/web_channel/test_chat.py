"""A shopper chats: sessions, messages, tabs, history, and what is refused."""

import asyncio

import pytest
from browser import Browser, Refused, new_id
from channel_server import serve


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
