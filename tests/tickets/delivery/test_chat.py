"""Notices to the shopper's screen, to a channel that keeps to the protocol."""

import asyncio
import sys
from datetime import UTC, datetime

import pytest

from amends.channel_client import PushError
from amends.settings import ROOT, get_settings
from tickets.delivery.chat import ChatConnector
from tickets.delivery.connectors import DeliveryError
from tickets.outbox import Event

sys.path.append(str(ROOT / "tests" / "amends"))  # tickets_channel.py

import tickets_channel


@pytest.fixture
def channel(monkeypatch):
    with tickets_channel.listening() as listening:
        monkeypatch.setenv("AMENDS_RASA_PORT", str(listening.port))
        monkeypatch.setenv("AMENDS_SESSION_KEY", tickets_channel.KEY)
        get_settings.cache_clear()
        yield listening


def send():
    now = datetime.now(UTC)
    payload = {"id": "takeover-1-left", "words": "left", "name": "Anna"}
    event = Event(1, "AM-K7RD4X", "cli-1", "chat.left", payload, now, (), 0, now)
    asyncio.run(ChatConnector(get_settings()).send(event))


def test_it_is_said_in_the_shops_words(channel):
    send()
    (push,) = channel.pushes
    assert (push["kind"], push["id"], push["conversation"]) == ("left", "takeover-1-left", "cli-1")
    assert push["text"].startswith("Anna has left the chat")


def test_a_shopper_who_does_not_write_in_the_widget_is_not_tried_again(channel):
    channel.breaks = [lambda handler: tickets_channel.answer(handler, 400, {"code": "bad_message"})]
    with pytest.raises(DeliveryError, match="Only shoppers who write in the widget") as refusal:
        send()
    assert refusal.value.final


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_anything_else_is_tried_again(channel, status):
    channel.breaks = [lambda handler: tickets_channel.answer(handler, status, {})] * 2
    with pytest.raises(PushError) as refusal:
        send()
    assert not isinstance(refusal.value, DeliveryError)
