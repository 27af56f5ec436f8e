"""POST attachments, and the message that brings a file along."""

import asyncio
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from browser import Browser
from channel_server import SHOP, serve
from fake_app import serve_app

from assistant.web_channel.limits import MIB, Limits, Rate

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100


@pytest.fixture(scope="module")
def app_server():
    with serve_app() as served:
        yield served


@pytest.fixture
def app(app_server):
    fake, _ = app_server
    fake.__init__()
    return fake


@pytest.fixture
def channel(tmp_path, app, app_server):
    with serve(tmp_path, actions_url=app_server[1]) as served:
        yield served


def upload(channel, token, content=PNG, name="cup.png", field="file", **more):
    headers = {"Authorization": f"Bearer {token}"}
    files = {field: (name, content, "image/png")}
    return channel.post("attachments", headers=headers, files=files, **more)


def test_a_photo_reaches_the_app_and_the_conversation(channel, app):
    token = channel.token()
    answer = upload(channel, token)
    assert answer.status_code == 200
    assert answer.json() == {
        "id": "file-1", "name": "cup.png", "media_type": "image/png", "size": len(PNG),
    }  # fmt: skip
    path, headers, content = app.requests[0]
    assert (path, content) == ("/attachments", PNG)
    assert headers["X-Conversation"] == channel.tokens.shopper(token).sender
    channel.tokens.check_service(headers["Authorization"].removeprefix("Bearer "))

    async def chat():
        async with Browser(channel.url, token) as one, Browser(channel.url, token) as two:
            await one.next("session_confirm")
            await two.next("session_confirm")
            assert (await one.say("", attachment="file-1"))["ok"]
            file = {"id": "file-1", "name": "cup.png", "media_type": "image/png"}
            assert (await two.next("message"))["attachment"] == file
            assert channel.turns.said[0].attachment == file
            # It belongs to that message and to no other.
            assert (await one.say("", attachment="file-1"))["code"] == "bad_message"

    asyncio.run(chat())


def test_another_shoppers_file_cannot_be_sent(channel):
    upload(channel, channel.token())

    async def chat():
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")
            assert (await tab.say("", attachment="file-1"))["code"] == "bad_message"

    asyncio.run(chat())


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("杯子.png", "%E6%9D%AF%E5%AD%90.png"),
        ("C:\\fake path\\cup.png", "cup.png"),
        ("../../etc/passwd", "passwd"),
        ("a\x07b.png", "ab.png"),
        ("x" * 300 + ".png", "x" * 116 + ".png"),
    ],
)
def test_names_are_only_names(channel, app, name, sent):
    assert upload(channel, channel.token(), name=name).status_code == 200
    assert app.requests[0][1]["X-Filename"] == sent


def test_a_file_of_just_the_size_is_taken_and_a_byte_more_is_not(channel, app):
    token = channel.token()
    assert upload(channel, token, b"a" * (5 * MIB)).status_code == 200
    answer = upload(channel, token, b"a" * (5 * MIB + 1))
    assert answer.status_code == 413
    assert answer.json() == {
        "code": "too_big", "words": "That file is larger than 5 MB. Please send a smaller one.",
    }  # fmt: skip
    assert len(app.requests) == 1


def test_a_hundred_megabytes_are_refused_before_they_are_sent(channel):
    """The refusal comes after the head of the request: the rest is not waited for."""
    address = urlsplit(channel.url)
    head = (
        f"POST /webhooks/web/attachments HTTP/1.1\r\nHost: x\r\nOrigin: {SHOP}\r\n"
        f"Authorization: Bearer {channel.token()}\r\nContent-Length: 99000000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port), timeout=5) as raw:
        raw.sendall(head.encode() + b"a" * 1000)
        answer = raw.recv(1000)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"too_big" in answer


REFUSED = {
    413: ("too_big", "That file is larger than 5 MB. Please send a smaller one."),
    415: ("bad_type", "I can take photos (JPEG, PNG, WebP, GIF) and PDF files"),
    400: ("bad_message", "I could not read that message."),
    429: ("too_many_files", "This chat holds as many files as it can take."),
    401: ("unavailable", "Something is not working on our side"),
    500: ("unavailable", "Something is not working on our side"),
    503: ("unavailable", "Something is not working on our side"),
}


@pytest.mark.parametrize("status", REFUSED)
def test_what_the_app_refuses_is_told_in_words(channel, app, status):
    app.status = status
    code, words = REFUSED[status]
    answer = upload(channel, channel.token())
    assert answer.status_code == (503 if code == "unavailable" else status)
    assert answer.json()["code"] == code
    assert answer.json()["words"].startswith(words)


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b'{"id": 7}', b"", b"null"])
def test_nonsense_from_the_app_is_told_in_words(channel, app, body):
    app.body = body
    answer = upload(channel, channel.token())
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_an_app_that_is_gone_is_told_in_words(tmp_path):
    with serve(tmp_path, actions_url="http://127.0.0.1:9") as channel:
        answer = upload(channel, channel.token())
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


@pytest.mark.parametrize("token", ["", "forged"])
def test_a_stranger_uploads_nothing(channel, app, token):
    assert upload(channel, token).status_code == 401
    assert app.requests == []


BODIES = {
    "no form": {"data": b"not a form"},
    "json": {"json": {"file": "x"}},
    "a form with nothing": {"files": {"other": ("cup.png", PNG)}},
    "an empty file": {"files": {"file": ("cup.png", b"")}},
    "a broken form": {"data": b"--x\r\nbroken", "form": "multipart/form-data; boundary=x"},
    "a form without a border": {"data": b"--x\r\n", "form": "multipart/form-data"},
    "a border with nothing": {"data": b"", "form": "multipart/form-data; boundary="},
    "a head that is none": {
        "data": b'--x\r\nContent-Disposition: form-data; name="file"; filename="\xff\xfe"\r\n\r\na'
        b"\r\n--x--",
        "form": "multipart/form-data; boundary=x",
    },
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_what_is_no_upload_is_refused_in_words(channel, app, body):
    more = dict(body)
    headers = {"Authorization": f"Bearer {channel.token()}"}
    if "form" in more:
        headers["Content-Type"] = more.pop("form")
    answer = channel.post("attachments", headers=headers, **more)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_message")
    assert app.requests == []


def test_many_files_of_one_shopper_are_capped_in_words(channel):
    token = channel.token()
    statuses = [upload(channel, token).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


def test_uploads_at_the_same_time_are_capped(tmp_path, app, app_server):
    limits = Limits(uploads_at_once=2, uploads_of_shopper=Rate(100, 100))
    app.wait_s = 0.5
    with (
        serve(tmp_path, limits=limits, actions_url=app_server[1]) as channel,
        ThreadPoolExecutor(5) as threads,
    ):
        tokens = [channel.token() for _ in range(5)]
        answers = list(threads.map(lambda token: upload(channel, token), tokens))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429, 429]
        assert upload(channel, tokens[0]).status_code == 200


def test_an_upload_that_trickles_is_given_up(tmp_path):
    with serve(tmp_path, limits=Limits(upload_s=0.5)) as channel:
        address = urlsplit(channel.url)
        head = (
            f"POST /webhooks/web/attachments HTTP/1.1\r\nHost: x\r\nOrigin: {SHOP}\r\n"
            f"Authorization: Bearer {channel.token()}\r\nContent-Length: 100000\r\n\r\n"
        )
        with socket.create_connection((address.hostname, address.port), timeout=5) as raw:
            raw.sendall(head.encode() + b"a")
            began = time.monotonic()
            answer = raw.recv(1000)
        assert answer.startswith(b"HTTP/1.1 503")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "unavailable"
        assert time.monotonic() - began < 2
