"""Webhooks to a server that takes them, and to one that breaks in every way."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pydantic import SecretStr
from receiver import SECRET, answers, floods, hangs, nonsense, resets, trickles

from tickets.delivery.connectors import DeliveryError
from tickets.delivery.webhook import WebhookConnector


def test_content_is_told_and_signed(receiver, webhook, send, event):
    send(webhook, event())
    # The receiver has verified it with the library.
    assert receiver.taken == [
        (
            "AM-K7RD4X-7",
            {
                "type": "ticket.opened",
                "timestamp": "2026-05-04T12:30:00+00:00",
                "data": event().payload,
            },
        )
    ]


def test_same_event_has_the_same_id_and_another_one_another(receiver, webhook, send, event):
    for one in (event(), event(attempts=3), event(id=8), event(reference="AM-ZZZZZZ")):
        send(webhook, one)
    assert receiver.asked == ["AM-K7RD4X-7"] * 2 + ["AM-K7RD4X-8", "AM-ZZZZZZ-7"]


def test_chat_is_not_for_helpdesks(webhook, event):
    wanted = {name: webhook.wants(event(event=name)) for name in ("ticket.rated", "chat.left")}
    assert wanted == {"ticket.rated": True, "chat.left": False}


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_success_is_one_whatever_the_body(receiver, webhook, send, event, status):
    body = b"" if status == 204 else b"<html>thank you"
    receiver.breaks = [answers(status, body)]
    send(webhook, event())
    assert receiver.asked == ["AM-K7RD4X-7"]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (answers(500, b"Zerbrochen!"), "Expected HTTP 2xx from the webhook, found 500. Look"),
        (answers(503), "found 503"),
        (answers(404, b"<html>"), "found 404"),
        (answers(301, location="http://127.0.0.1:9/"), "found 301 to another address, which is"),
        (resets, "within 0.5 seconds, found ReadError"),
        (nonsense, "found RemoteProtocolError"),
        (floods, "found 500"),
    ],
)
def test_what_is_not_taken_is_told_without_the_receivers_words(
    receiver, webhook, send, event, broken, words
):
    receiver.breaks = [broken]
    with pytest.raises(DeliveryError) as refusal:
        send(webhook, event())
    assert words in str(refusal.value)
    assert "Zerbrochen" not in str(refusal.value)
    assert (refusal.value.final, refusal.value.again_in_s) == (False, 0.0)
    assert len(receiver.asked) == 1
    assert receiver.taken == []


@pytest.mark.parametrize("broken", [hangs, trickles])
def test_what_lasts_ends_at_the_deadline(receiver, webhook, send, event, broken):
    receiver.breaks = [broken]
    started = time.monotonic()
    # Whichever of the two deadlines is first by a hair.
    with pytest.raises((TimeoutError, DeliveryError), match=r"^$|found ReadTimeout"):
        send(webhook, event())
    assert 0.4 < time.monotonic() - started < 1.2


def test_nothing_there_is_told(send, event):
    nowhere = WebhookConnector("http://127.0.0.1:9/hook?token=abc", SecretStr(SECRET))
    with pytest.raises(DeliveryError, match="found ConnectError") as refusal:
        send(nowhere, event())
    assert "token" not in str(refusal.value)


def test_gone_is_final(receiver, webhook, send, event):
    receiver.breaks = [answers(410)]
    with pytest.raises(DeliveryError, match=r"found 410: it wants no more\.") as refusal:
        send(webhook, event())
    assert refusal.value.final


def _in(seconds):
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("99999999", 24 * 3600),
        pytest.param("9" * 400, 24 * 3600, id="endless"),
        pytest.param(600, 600, id="a moment to come"),
        pytest.param(-600, 0, id="a moment that has passed"),
        ("soon", 0),
        ("-5", 0),
        ("Wed, 99 Foo 9999 99:99:99 GMT", 0),
    ],
)
def test_wish_to_be_left_alone_is_heard(receiver, webhook, send, event, header, seconds):
    # A moment is made now: hours may lie between the collection of the tests and this one.
    receiver.breaks = [answers(429, retry_after=_in(header) if type(header) is int else header)]
    with pytest.raises(DeliveryError, match="found 429") as refusal:
        send(webhook, event())
    assert refusal.value.again_in_s == pytest.approx(seconds, abs=30)
