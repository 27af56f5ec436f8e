"""Both sides of a conversation come from the web channel into the ticket store, once, masked."""

import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from amends.service_tokens import check_service_token
from amends.settings import get_settings
from amends.transcript_client import TranscriptError, transcript
from tickets.conversations import Line
from tickets.transcripts import sync

KEY = "k" * 40


def said(number, role="shopper", text="Hello", **more):
    rest = {"name": None, "buttons": [], "attachment": None, "at": 1_780_000_000.0 + number}
    return {"id": f"message-{number}", "role": role, "text": text, **rest, **more}


class Channel:
    """Keeps to the protocol; `status` and `content` break it."""

    def __init__(self):
        self.conversations, self.status, self.content = {}, 200, None

    def answer(self, path, authorization):
        check_service_token(authorization, KEY)
        asked = urlsplit(path)
        assert asked.path == "/webhooks/web/transcript"
        (conversation,) = parse_qs(asked.query)["conversation"]
        found = {"messages": self.conversations.get(conversation, [])}
        return json.dumps(found).encode() if self.content is None else self.content


@contextmanager
def served(channel):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            content = channel.answer(self.path, self.headers["authorization"])
            if channel.status == 0:
                return
            self.send_response(channel.status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture
def channel(monkeypatch):
    one = Channel()
    with served(one) as port:
        monkeypatch.setenv("AMENDS_RASA_PORT", str(port))
        monkeypatch.setenv("AMENDS_SESSION_KEY", KEY)
        # A proxy for the web must not be asked for a server on this machine.
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        get_settings.cache_clear()
        yield one


def synced(store, conversation="web-1"):
    return sync(conversation, get_settings(), store)


def test_both_sides_are_there_in_order_once_with_scores(channel, store):
    channel.conversations["web-1"] = [
        said(1, text="it is broken", assessment={"valence": -0.5}),
        said(2, "bot", "I am sorry."),
        said(3, "notice", "Anna is here.", name="Anna"),
        said(4, "agent", "Hi, it is Anna.", name="Anna"),
        said(5, text="", assessment=None, attachment={"id": "of nobody", "name": "a.png"}),
    ]
    assert synced(store) == 5
    assert synced(store) == 0
    lines = store.conversations.lines("web-1")
    assert [(line.role, line.text, line.name) for line in lines] == [
        ("shopper", "it is broken", None),
        ("bot", "I am sorry.", None),
        ("notice", "Anna is here.", "Anna"),
        ("agent", "Hi, it is Anna.", "Anna"),
        ("shopper", "", None),
    ]
    assert lines[0].assessment == {"valence": -0.5}
    assert lines[0].created_at.timestamp() == 1_780_000_001.0


def test_what_is_known_already_stays_as_it_is(channel, store):
    channel.conversations["web-1"] = [said(1, text="other words"), said(2)]
    line = said(1)
    store.conversations.record(
        Line(conversation_id="web-1", message_id=line["id"], role="shopper", text="first",
             created_at="2026-05-04T12:00:00Z")
    )  # fmt: skip
    assert synced(store) == 1
    assert [line.text for line in store.conversations.lines("web-1")] == ["first", "Hello"]


def test_personal_data_are_masked_before_they_are_stored(channel, store, database):
    channel.conversations["web-1"] = [
        said(1, text="I am anna@example.com"), said(2, "agent", "Is it +1 415 555 0132?"),
    ]  # fmt: skip
    synced(store)
    texts = [line.text for line in store.conversations.lines("web-1")]
    assert texts == ["I am [email]", "Is it [phone]?"]
    store.close()
    assert b"anna@" not in database.read_bytes()


def test_a_conversation_that_nobody_had_is_empty(channel, store):
    assert synced(store, "a & b=\u00fc") == 0


def down(channel, monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AMENDS_RASA_PORT", str(probe.getsockname()[1]))
    get_settings.cache_clear()


def breaks(status=200, content=b"{}"):
    def break_it(channel, _):
        channel.status, channel.content = status, content

    return break_it


FAULTS = {
    "down": (down, "found nothing there"),
    "hangs up": (breaks(0), "found none (RemoteProtocolError)"),
    "503": (breaks(503, b'{"words": "Later."}'), "found HTTP 503 (Later.)"),
    "404": (breaks(404), "Is it left out of credentials.yml?"),
    "401": (breaks(401), "Set the same AMENDS_SESSION_KEY here and there"),
    "no JSON": (breaks(content=b"<html>"), "Is another program on this port?"),
    "no list": (breaks(content=b'{"messages": 3}'), "Is another program on this port?"),
    "another role": (
        breaks(content=json.dumps({"messages": [said(1, "boss", "secret")]}).encode()),
        "Is another program on this port?",
    ),
    "no time": (
        breaks(content=json.dumps({"messages": [said(1, at=-1, text="secret")]}).encode()),
        "Is another program on this port?",
    ),
}


@pytest.mark.parametrize(("fault", "words"), FAULTS.values(), ids=FAULTS)
def test_a_channel_that_fails_is_told_and_nothing_is_lost(
    channel, store, monkeypatch, fault, words
):
    channel.conversations["web-1"] = [said(1)]
    synced(store)
    fault(channel, monkeypatch)
    with pytest.raises(TranscriptError) as refusal:
        synced(store)
    assert words in str(refusal.value)
    assert "secret" not in f"{refusal.value} {refusal.value.__cause__}"
    assert len(store.conversations.lines("web-1")) == 1


def test_a_channel_that_hangs_is_given_up_in_time(channel, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        monkeypatch.setenv("AMENDS_RASA_PORT", str(deaf.getsockname()[1]))
        get_settings.cache_clear()
        with pytest.raises(TranscriptError, match=r"within 0\.3 seconds, found none"):
            transcript("web-1", get_settings(), timeout_s=0.3)
