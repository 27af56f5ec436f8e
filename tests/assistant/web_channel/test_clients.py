"""The channel with the client library of socket.io itself, by polling and by websocket."""

import asyncio

import pytest
import socketio
from browser import PATH, new_id
from channel_server import SHOP, serve


@pytest.fixture
def channel(tmp_path):
    with serve(tmp_path) as served:
        yield served


async def connected(channel, token, refused=None):
    """Polling: the asynchronous client's websockets do not work with Rasa's version of aiohttp."""
    client = socketio.AsyncClient()
    heard = asyncio.Queue()
    for event in ("session_confirm", "message", "state"):
        client.on(event, lambda data, event=event: heard.put_nowait((event, data)))
    if refused is not None:
        client.on("connect_error", refused.put_nowait)
    await client.connect(
        channel.url, socketio_path=PATH.split("?")[0], transports=["polling"],
        auth={"token": token, "language": "en"}, headers={"Origin": SHOP},
    )  # fmt: skip
    return client, heard


def test_the_librarys_client_chats_by_polling(channel):
    async def chat():
        client, heard = await connected(channel, channel.token())
        event, confirmed = await asyncio.wait_for(heard.get(), 5)
        assert (event, confirmed["messages"]) == ("session_confirm", [])
        data = {"id": new_id(), "text": "hello", "attachment": None}
        assert await client.call("message", data, timeout=5) == {"ok": True}
        assert (await asyncio.wait_for(heard.get(), 5))[0] == "state"
        event, shown = await asyncio.wait_for(heard.get(), 5)
        assert (event, shown["text"]) == ("message", "you said hello")
        await client.disconnect()

    asyncio.run(chat())


def test_the_librarys_client_is_refused_with_code_and_words(channel):
    async def chat():
        told = asyncio.Queue()
        with pytest.raises(socketio.exceptions.ConnectionError):
            await connected(channel, "forged", told)
        refused = told.get_nowait()
        assert refused["message"] == "bad_token"
        assert refused["data"] == {
            "code": "bad_token",
            "words": "This chat could not be opened. Please reload the page.",
        }

    asyncio.run(chat())


def test_bytes_of_the_librarys_client_are_refused_in_words(channel):
    async def chat():
        client, _ = await connected(channel, channel.token())
        data = {"id": new_id(), "text": b"\x00\x01", "attachment": None}
        told = await client.call("message", data, timeout=5)
        assert (told["code"], told["ok"]) == ("bad_message", False)
        await client.disconnect()

    asyncio.run(chat())
