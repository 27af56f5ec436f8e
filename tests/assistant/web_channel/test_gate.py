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
from channel_server import SESSION_KEY, SHOP, serve, still_serves

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
