"""What a browser would never send: refused or capped, in words, and nobody else notices."""

import asyncio
import json
import time
from contextlib import suppress

import jwt
import pytest
import requests
import websockets
from browser import PATH, Browser, RefusedConnectionError, new_id
from channel_server import SESSION_KEY, SHOP, serve

from assistant.web_channel.limits import Limits, Rate

SENDER = "web-" + "0" * 32


@pytest.fixture
def channel(tmp_path):
    with serve(tmp_path) as served:
        yield served


def signed(key=SESSION_KEY, **changes):
    claims = {"aud": "amends-chat", "sub": SENDER, "exp": time.time() + 3600, **changes}
    return jwt.encode(claims, key, "HS256")


async def refusal(channel, token, **more):
    with pytest.raises(RefusedConnectionError) as refused:
        async with Browser(channel.url, token, **more):
            pass
    return refused.value.args[0]


async def still_serves(channel):
    """Another shopper is answered, and soon."""
    async with Browser(channel.url, channel.token()) as tab:
        await tab.next("session_confirm")
        began = time.monotonic()
        assert (await tab.say("hello"))["ok"]
        assert (await tab.next("message"))["text"] == "you said hello"
        return time.monotonic() - began


TOKENS = {
    "none": (None, "bad_token"),
    "forged": (signed("o" * 32), "bad_token"),
    "of the shop": (signed(aud="amends-identity"), "bad_token"),
    "of the app": (signed(aud="amends-service", sub="amends"), "bad_token"),
    "of no shopper": (signed(sub="default"), "bad_token"),
    "expired": (signed(exp=time.time() - 1), "expired_token"),
    "no text": ({"sub": SENDER}, "bad_token"),
}


@pytest.mark.parametrize(("token", "code"), TOKENS.values(), ids=TOKENS.keys())
def test_a_token_that_is_not_good_opens_nothing(channel, token, code):
    told = asyncio.run(refusal(channel, token))
    assert told["code"] == code
    assert "Please reload the page" in told["words"]


@pytest.mark.parametrize("auth", [{}, [], "token", 7, {"token": []}])
def test_no_token_at_all(channel, auth):
    assert asyncio.run(refusal(channel, None, auth=auth))["code"] == "bad_token"


EVIL = ["https://evil.example", "null", SHOP + ".evil.example", "http://shop.example:81"]


@pytest.mark.parametrize("origin", EVIL)
def test_a_stolen_token_opens_nothing_on_another_page(channel, origin):
    told = asyncio.run(refusal(channel, channel.token(), origin=origin))
    assert told["code"] == "bad_origin"
    assert told["words"] == "This chat does not belong to the page that you are on."


def test_the_shops_own_page_and_a_program_without_one_may_connect(channel):
    async def connect(origin):
        async with Browser(channel.url, channel.token(), origin=origin) as tab:
            await tab.next("session_confirm")

    asyncio.run(connect(SHOP))
    asyncio.run(connect(None))


async def send_raw(channel, *frames):
    """A shopper's tab that sends these frames; gives it and whether it was closed."""
    async with Browser(channel.url, channel.token()) as tab:
        await tab.next("session_confirm")
        for frame in frames:
            await tab.socket.send(frame)
        await asyncio.wait([tab._reading], timeout=0.5)
        return tab._reading.done()


def test_a_binary_event_is_refused_in_words(channel):
    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            data = {"id": new_id(), "text": {"_placeholder": True, "num": 0}}
            ack = tab.post("message", data, kind="51-")
            await asyncio.sleep(0.05)
            await tab.socket.send(b"\x00" * 1000)
            told = await asyncio.wait_for(ack, 5)
            assert (told["code"], told["ok"]) == ("bad_message", False)
            assert told["words"] == "I could not read that message. Please send it again."
            assert (await tab.say("hello"))["ok"]

    asyncio.run(chat())


def test_binary_frames_are_not_collected(channel):
    """A binary event may announce as many as it likes: none is waited for."""

    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            await tab.socket.send("459999999999-" + json.dumps(["message", {}]))
            for _ in range(20):
                await tab.socket.send(b"\x00" * 10_000)
            assert (await tab.say("hello"))["ok"]

    asyncio.run(chat())


NO_PACKETS = {
    "no json": "42[",
    "no list": '42{"a":1}',
    "no name": "42[]",
    "nothing": "42",
    "unknown kind": "49",
    "letters": "4abc",
    "a name that is none": '42[["message"]]',
    "a long number": "42" + "1" * 200 + '["message"]',
    "deep": "42" + "[" * 100_000,
    "binary answer": "461-1[1]",
    "an error of ours": '44{"message":"x"}',
}


@pytest.mark.parametrize("frame", NO_PACKETS.values(), ids=NO_PACKETS.keys())
def test_what_is_no_packet_ends_that_connection_alone(channel, frame, caplog):
    assert asyncio.run(send_raw(channel, frame))
    assert asyncio.run(still_serves(channel)) < 1
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "frame", ['42["unknown",1]', "40/admin,{}", '42/admin,["message",{}]', "6"]
)
def test_what_nobody_asked_for_is_passed_over(channel, frame):
    asyncio.run(send_raw(channel, frame))
    assert asyncio.run(still_serves(channel)) < 1
    assert channel.turns.said[-1].text == "hello"


def test_ten_megabytes_end_that_connection_alone(channel):
    big = "42" + json.dumps(["message", {"id": new_id(), "text": "a" * 10_000_000}])

    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            with suppress(websockets.ConnectionClosed):
                await tab.socket.send(big)
            await asyncio.wait_for(asyncio.shield(tab._reading), 10)
            assert tab.socket.close_code == 1009  # "message too big"
        return await still_serves(channel)

    assert asyncio.run(chat()) < 1


def test_ten_megabytes_by_polling_are_refused_in_words(channel):
    address = f"{channel.url}{PATH}polling"
    opened = requests.get(address, timeout=5).text
    sid = json.loads(opened[1:])["sid"]
    answer = requests.post(f"{address}&sid={sid}", data="4" * 10_000_000, timeout=20)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_long"
    assert asyncio.run(still_serves(channel)) < 1


def test_a_frame_under_the_cap_that_is_too_long_a_message_is_refused_in_words(channel):
    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            told = await tab.say("a" * 900_000)
            assert told["code"] == "too_long"
            assert told["words"].startswith("That message is longer than 4000 characters.")

    asyncio.run(chat())


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
