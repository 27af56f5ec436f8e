"""What the channel gets from the command line."""

import json
import time

import jwt
import pytest
import tickets_channel
from takeover_commands import CHAT
from tickets_channel import KEY

from amends.channel_client import Push, PushUnknownError, push
from amends.settings import get_settings


def test_token_is_good_for_a_minute_and_for_the_channel_alone(channel, store, monkeypatch):
    seen = []
    check = tickets_channel.check_service_token
    monkeypatch.setattr(
        tickets_channel, "check_service_token", lambda h, k: (seen.append(h), check(h, k))
    )
    assert push(Push(CHAT, "message-1", "message", "Hi"), get_settings()) == 1
    claims = jwt.decode(seen[0].removeprefix("Bearer "), KEY, ["HS256"], audience="amends-service")
    assert claims["sub"] == "amends"
    assert claims["exp"] - time.time() == pytest.approx(60, abs=5)


def test_hang_ends_at_the_deadline(channel, store):
    channel.before = lambda _: time.sleep(1.5)
    with pytest.raises(PushUnknownError, match=r"within 0\.3 seconds, found none \(ReadTimeout\)"):
        push(Push(CHAT, "message-1", "message", "Hi"), get_settings(), timeout_s=0.3)


def test_body_is_the_protocols(channel, store):
    push(Push(CHAT, "message-1", "message", "Hi", "Anna"), get_settings())
    assert json.loads(json.dumps(channel.pushes)) == [
        {"conversation": CHAT, "id": "message-1", "kind": "message", "text": "Hi", "name": "Anna"}
    ]
