"""POST session, the list of origins, and the other addresses that pages may ask."""

import time

import jwt
import pytest
import requests
from channel_server import SESSION_KEY, SHOP, SHOP_KEY, serve

from assistant.web_channel.limits import Limits, Rate


@pytest.fixture
def channel(tmp_path):
    with serve(tmp_path) as served:
        yield served


def identity(**changes):
    claims = {"aud": "amends-identity", "sub": "7", "exp": time.time() + 3600, **changes}
    return jwt.encode(claims, SHOP_KEY, "HS256")


def test_the_channel_is_there(channel):
    assert requests.get(f"{channel.url}/webhooks/web/", timeout=5).json() == {"status": "ok"}


@pytest.mark.parametrize("body", [{"json": {"token": None, "identity": None}}, {"json": {}}, {}])
def test_a_stranger_gets_a_token_for_a_month(channel, body):
    answer = channel.post("session", **body)
    assert answer.status_code == 200
    given = answer.json()
    shopper = channel.tokens.shopper(given["token"])
    assert given["expires_at"] == shopper.expires_at
    assert 29 < (given["expires_at"] - time.time()) / 86400 <= 30


def test_a_token_is_renewed_for_the_same_shopper(channel):
    old = channel.token()
    new = channel.post("session", json={"token": old}).json()["token"]
    assert channel.tokens.shopper(new).sender == channel.tokens.shopper(old).sender


OLD = {
    "forged": (jwt.encode({"aud": "amends-chat", "sub": "web-" + "0" * 32}, "o" * 32), "bad_token"),
    "no token": (7, "bad_token"),
    "expired": (
        jwt.encode({"aud": "amends-chat", "sub": "web-" + "0" * 32, "exp": 1}, SESSION_KEY),
        "expired_token",
    ),
}


@pytest.mark.parametrize(("token", "code"), OLD.values(), ids=OLD.keys())
def test_a_token_that_is_not_good_is_refused_in_words(channel, token, code):
    answer = channel.post("session", json={"token": token})
    assert answer.status_code == 401
    assert answer.json()["code"] == code
    assert "Please reload the page" in answer.json()["words"]


def test_an_identity_wins_over_the_token_of_a_stranger(channel):
    answer = channel.post("session", json={"token": channel.token(), "identity": identity()})
    assert channel.tokens.shopper(answer.json()["token"]).sender.startswith("shop-")


def test_a_bad_identity_is_refused_in_words(channel):
    answer = channel.post("session", json={"identity": identity(exp=1)})
    assert answer.status_code == 403
    assert answer.json()["code"] == "no_identity"


def test_without_a_shop_key_identity_is_refused_in_words(tmp_path):
    with serve(tmp_path, shop_key="") as channel:
        answer = channel.post("session", json={"identity": identity()})
        assert answer.status_code == 403
        assert answer.json() == {
            "code": "no_identity",
            "words": "Signing in to this chat is not set up for this shop. "
            "You can chat without it.",
        }


BODIES = {
    "no json": b"{",
    "a list": b"[]",
    "a text": b'"token"',
    "not utf-8": b"\xff\xfe",
    "too big": b'{"token": "' + b"a" * 20_000 + b'"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_none_is_refused_in_words(channel, body):
    answer = channel.post("session", data=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_message"


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", SHOP + ".evil.example"])
@pytest.mark.parametrize("path", ["session", "attachments"])
def test_pages_that_are_not_on_the_list_are_refused_in_words(channel, path, origin):
    answer = channel.post(path, origin=origin, json={})
    assert answer.status_code == 403
    assert answer.json()["code"] == "bad_origin"
    # The page may read that much, so that a shop that forgot its own address sees why.
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_origin_is_compared_as_browsers_write_it(channel):
    assert channel.post("session", origin="HTTP://SHOP.example:80", json={}).status_code == 200


@pytest.mark.parametrize("cors", [None, "*"])
@pytest.mark.parametrize("path", ["session", "attachments", "socket.io/"])
def test_a_browsers_question_is_answered_once_whatever_rasa_allows(tmp_path, cors, path):
    asks = {
        "Origin": SHOP,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    with serve(tmp_path, cors=cors) as channel:
        address = f"{channel.url}/webhooks/web/{path}"
        answer = requests.options(address, headers=asks, timeout=5)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
        given = channel.post("session", json={})
        assert given.headers["Access-Control-Allow-Origin"] == "*"


def test_rasas_own_addresses_keep_their_own_list(channel):
    answer = requests.get(f"{channel.url}/version", headers={"Origin": SHOP}, timeout=5)
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_address_that_asks_for_too_many_waits(tmp_path):
    with serve(tmp_path, limits=Limits(sessions_of_address=Rate(3, 0.5))) as channel:
        answers = [channel.post("session", json={}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].json()["code"] == "too_many"
        assert answers[-1].headers["Retry-After"] == "2"


@pytest.mark.parametrize(
    ("query", "header", "words"),
    [
        ("?language=zh", "en", "刷新"),
        ("", "zh-CN,zh;q=0.9", "刷新"),
        ("", "de-DE", "reload"),
        ("?language=%00", "*", "reload"),
    ],
)
def test_words_are_in_the_pages_language(channel, query, header, words):
    headers = {"Accept-Language": header}
    answer = channel.post(f"session{query}", json={"token": "x"}, headers=headers)
    assert words in answer.json()["words"]


def sessions_from(channel, addresses):
    headers = [{"X-Forwarded-For": address} for address in addresses]
    return [channel.post("session", json={}, headers=each).status_code for each in headers]


def test_an_address_is_not_what_a_request_says_it_is(tmp_path):
    with serve(tmp_path, limits=Limits(sessions_of_address=Rate(2, 0.1))) as channel:
        assert sessions_from(channel, ["1.1.1.1", "2.2.2.2", "3.3.3.3"]) == [200, 200, 429]


def test_behind_a_proxy_that_rasa_knows_of_each_address_counts_for_itself(tmp_path, monkeypatch):
    monkeypatch.setenv("SANIC_PROXIES_COUNT", "1")
    with serve(tmp_path, limits=Limits(sessions_of_address=Rate(1, 0.1))) as channel:
        forged = ["9.9.9.9, 1.1.1.1", "2.2.2.2", "8.8.8.8, 1.1.1.1"]
        assert sessions_from(channel, forged) == [200, 200, 429]
