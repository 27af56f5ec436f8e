"""Floods and storms: capped in words, and nobody else notices."""

import asyncio

import pytest
import requests
import websockets
from browser import PATH, Browser, RefusedConnectionError, new_id
from channel_server import serve, still_serves

from assistant.web_channel.limits import Limits, Rate


@pytest.fixture
def channel(tmp_path):
    with serve(tmp_path) as served:
        yield served


def test_a_thousand_messages_a_second_are_slowed_down_and_each_is_answered(channel):
    """The flood waits in its own connection; another shopper is answered meanwhile."""

    async def flood(tab):
        sent = [tab.post("message", {"id": new_id(), "text": "flood"}) for _ in range(1000)]
        return await asyncio.gather(*sent, return_exceptions=True)

    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            flooding = asyncio.ensure_future(flood(tab))
            await asyncio.sleep(0.5)
            waited = [await still_serves(channel) for _ in range(3)]
            await asyncio.sleep(2)
            answered = 1000 - len(tab._acks)
            flooding.cancel()
            return max(waited), answered

    waited, answered = asyncio.run(chat())
    assert waited < 0.5
    flooded = [said for said in channel.turns.said if said.text == "flood"]
    # Eight at once and one a second of them are messages, the others refused; 60 + 20 a second
    # are read at all.
    assert 8 <= len(flooded) <= 14
    assert 60 <= answered <= 200


def test_each_of_a_flood_is_refused_in_words(channel):
    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            sent = [tab.post("message", {"id": new_id(), "text": "flood"}) for _ in range(50)]
            return await asyncio.wait_for(asyncio.gather(*sent), 5)

    refused = [ack for ack in asyncio.run(chat()) if not ack["ok"]]
    assert len(refused) >= 40
    assert {ack["code"] for ack in refused} == {"too_many"}
    assert all(ack["retry_after_s"] >= 1 and "Please wait" in ack["words"] for ack in refused)


def test_a_reconnect_storm_of_one_shopper_is_refused_in_words(channel):
    token = channel.token()

    async def storm():
        async def connect():
            try:
                async with Browser(channel.url, token):
                    return None
            except RefusedConnectionError as refused:
                return refused.args[0]

        return await asyncio.gather(*(connect() for _ in range(60)))

    async def chat():
        return await storm(), await still_serves(channel)

    told, waited = asyncio.run(chat())
    refused = [answer for answer in told if answer]
    assert 20 <= len(told) - len(refused) <= 25
    assert {answer["code"] for answer in refused} == {"too_many"}
    assert "Please wait" in refused[0]["words"]
    assert waited < 1


def test_a_reconnect_storm_of_an_address_is_stopped_at_the_door(tmp_path):
    limits = Limits(handshakes_of_address=Rate(30, 1))

    async def storm(channel):
        address = channel.url.replace("http", "ws") + PATH + "websocket"

        async def connect():
            try:
                async with websockets.connect(address):
                    return 101
            except websockets.InvalidStatusCode as refused:
                return refused.status_code

        return await asyncio.gather(*(connect() for _ in range(100)))

    with serve(tmp_path, limits=limits) as channel:
        statuses = asyncio.run(storm(channel))
        assert 30 <= statuses.count(101) <= 35
        assert statuses.count(401) == 100 - statuses.count(101)
        answer = requests.get(f"{channel.url}{PATH}polling", timeout=5)
        assert answer.json()["code"] == "too_many"


def test_open_connections_of_an_address_are_capped(tmp_path):
    async def chat(channel):
        token = channel.token()
        async with Browser(channel.url, token), Browser(channel.url, token):
            answer = requests.get(f"{channel.url}{PATH}polling", timeout=5)
            assert answer.status_code == 401
            assert answer.json()["code"] == "too_many"
        async with Browser(channel.url, token) as tab:
            await tab.next("session_confirm")

    with serve(tmp_path, limits=Limits(connections_of_address=2)) as channel:
        asyncio.run(chat(channel))


def test_the_oldest_of_too_many_tabs_is_closed(tmp_path):
    async def chat(channel):
        token = channel.token()
        async with Browser(channel.url, token) as one, Browser(channel.url, token) as two:
            await two.next("session_confirm")
            async with Browser(channel.url, token) as three:
                await three.next("session_confirm")
                assert await one.quiet("message")
                assert (await three.say("hello"))["ok"]
                assert (await two.next("message"))["text"] == "hello"
                assert await one.quiet("message")

    with serve(tmp_path, limits=Limits(tabs=2)) as channel:
        asyncio.run(chat(channel))


def test_who_does_not_say_who_they_are_is_closed(tmp_path):
    async def chat(channel):
        address = channel.url.replace("http", "ws") + PATH + "websocket"
        async with websockets.connect(address) as stranger:
            await stranger.recv()
            async with Browser(channel.url, channel.token()) as tab:
                await asyncio.wait_for(stranger.wait_closed(), 5)
                await tab.next("session_confirm")
                assert (await tab.say("hello"))["ok"]

    with serve(tmp_path, limits=Limits(greeting_s=0.5)) as channel:
        asyncio.run(chat(channel))
