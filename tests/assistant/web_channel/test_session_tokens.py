"""Tokens: what is taken, and every way in which one is not."""

import base64
import json
import time

import jwt
import pytest

from assistant.web_channel.refusals import RefusedError
from assistant.web_channel.session_tokens import CHAT_S, Tokens

SESSION_KEY, SHOP_KEY, OTHER_KEY = "s" * 32, "k" * 32, "o" * 32
SENDER = "web-" + "0" * 32


@pytest.fixture
def tokens():
    return Tokens(SESSION_KEY, SHOP_KEY)


def signed(key=SESSION_KEY, **changes):
    claims = {"aud": "amends-chat", "sub": SENDER, "exp": time.time() + 3600, **changes}
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, key, "HS256")


def identity(key=SHOP_KEY, **changes):
    return signed(key, **{"aud": "amends-identity", "sub": "customer-7", **changes})


def unsigned():
    def part(data):
        return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()

    claims = {"aud": "amends-chat", "sub": SENDER, "exp": time.time() + 3600}
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


def changed(token):
    """The same token with another subject and the old signature."""
    head, _, signature = token.split(".")
    claims = {"aud": "amends-chat", "sub": "web-" + "1" * 32, "exp": time.time() + 3600}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


BAD = {
    "nothing": None,
    "a number": 7,
    "no token": "x.y.z",
    "empty": "",
    "long": "a" * 100_000,
    "not latin": "ключ",
    "another key": signed(OTHER_KEY),
    "no signature": unsigned(),
    "another subject": changed(signed()),
    "identity": signed(aud="amends-identity"),
    "service": signed(aud="amends-service", sub="amends"),
    "no audience": signed(aud=None),
    "no end": signed(exp=None),
    "no subject": signed(sub=None),
    "a subject that is no sender": signed(sub="default"),
    "a subject with more": signed(sub=SENDER + "\n"),
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD.keys())
def test_a_bad_token_is_refused(tokens, token):
    with pytest.raises(RefusedError, match="bad_token"):
        tokens.shopper(token)


def test_an_expired_token_is_refused_as_expired(tokens):
    with pytest.raises(RefusedError, match="expired_token"):
        tokens.shopper(signed(exp=time.time() - 1))


def test_strangers_are_different_and_stay_a_month(tokens):
    one, two = (tokens.shopper(tokens.stranger()) for _ in range(2))
    assert one.sender != two.sender
    assert one.sender.startswith("web-")
    assert one.expires_at == pytest.approx(time.time() + CHAT_S, abs=2)


def test_renewed_it_is_the_same_shopper_for_longer(tokens):
    old = signed(name="Ada")
    new = tokens.shopper(tokens.renewed(old))
    assert (new.sender, new.name) == (SENDER, "Ada")
    assert new.expires_at > tokens.shopper(old).expires_at


def test_an_identified_shopper_ends_when_the_shop_said(tokens):
    token = tokens.identified(identity())
    assert tokens.renewed(token) == token


def test_one_customer_is_one_sender_and_does_not_show_in_it(tokens):
    first, again, other = (
        tokens.shopper(tokens.identified(identity(sub=sub))) for sub in ("ada@x", "ada@x", "bob@x")
    )
    assert first.sender == again.sender != other.sender
    assert first.sender.startswith("shop-")
    assert "ada" not in first.sender


@pytest.mark.parametrize(
    ("given", "shown"),
    [("Ada", "Ada"), ("  Ada\n\x00 ", "Ada"), ("x" * 500, "x" * 80), ("", None), (7, None)],
)
def test_the_name_is_the_shops_cleaned(tokens, given, shown):
    assert tokens.shopper(tokens.identified(identity(name=given))).name == shown


NO_IDENTITY = {
    "nothing": 7,
    "our own key": identity(SESSION_KEY),
    "another key": identity(OTHER_KEY),
    "chat": identity(aud="amends-chat"),
    "expired": identity(exp=time.time() - 60),
    "good for two days": identity(exp=time.time() + 2 * 24 * 3600),
    "no end": identity(exp=None),
    "no subject": identity(sub=None),
    "empty subject": identity(sub=""),
    "a number as subject": jwt.encode(
        {"aud": "amends-identity", "sub": 7, "exp": time.time() + 3600}, SHOP_KEY, "HS256"
    ),
}


@pytest.mark.parametrize("token", NO_IDENTITY.values(), ids=NO_IDENTITY.keys())
def test_a_bad_identity_is_refused(tokens, token):
    with pytest.raises(RefusedError, match="no_identity"):
        tokens.identified(token)


def test_without_a_key_nobody_is_identified():
    with pytest.raises(RefusedError, match="no_identity"):
        Tokens(SESSION_KEY, None).identified(identity())


def test_the_app_is_known_by_its_token_for_a_minute(tokens):
    tokens.check_service(tokens.service())
    old = signed(aud="amends-service", sub="amends", exp=time.time() - 1)
    with pytest.raises(RefusedError, match="expired_token"):
        tokens.check_service(old)


@pytest.mark.parametrize(
    "token", [None, signed(), signed(aud="amends-service")], ids=["nobody", "a shopper", "another"]
)
def test_nobody_else_is_the_app(tokens, token):
    with pytest.raises(RefusedError, match="bad_token"):
        tokens.check_service(token)
