"""The line between the shopper and the server is cut, for real, and comes back."""

import secrets
import time

import jwt
import pytest
from playwright.sync_api import expect
from records import said
from relay import Relay
from shopper import Shopper

pytestmark = pytest.mark.timeout(900)

OFFLINE = "You seem to be offline. What you write is kept here and sent when you are back."
BACK_S = 60


@pytest.fixture
def relay(assistant):
    with Relay(int(assistant.env["AMENDS_RASA_PORT"])) as one:
        yield one


@pytest.fixture
def shopper(relay, pages, new_context) -> Shopper:
    return Shopper.on(new_context(), pages.url(server=relay.url))


def test_what_is_written_offline_arrives_once_and_in_order(shopper, relay, assistant, shot) -> None:
    shopper.open().says("hello")
    shopper.page.context.set_offline(True)
    relay.cut()
    shopper.types("where is my order?")
    shopper.types("thanks a lot")
    expect(shopper.status).to_have_text(OFFLINE)
    expect(shopper.panel.get_by_text("Sending…")).to_have_count(2)
    shot(shopper.page, "offline")
    relay.mend()
    shopper.page.context.set_offline(False)
    expect(shopper.answers).to_have_count(3, timeout=BACK_S * 1000)
    arrived(shopper, assistant, ["hello", "where is my order?", "thanks a lot"])


def test_what_waits_outlives_a_reload(shopper, relay, assistant) -> None:
    shopper.open().says("hello")
    relay.cut()
    shopper.types("where is my order?")
    expect(shopper.panel.get_by_text("Sending…")).to_have_count(1)
    shopper.page.reload()
    shopper.launcher.click()
    expect(shopper.panel.get_by_text("Sending…")).to_have_count(1)
    relay.mend()
    expect(shopper.answers).to_have_count(2, timeout=BACK_S * 1000)
    arrived(shopper, assistant, ["hello", "where is my order?"])


def test_what_the_bot_said_meanwhile_is_there_afterwards(shopper, relay) -> None:
    shopper.open().types("hello")
    expect(shopper.panel.get_by_text("Sending…")).to_have_count(0)
    relay.cut()
    shopper.page.wait_for_timeout(1500)  # The answer may go nowhere.
    relay.mend()
    shopper.is_connected(BACK_S)
    expect(shopper.answers).to_have_count(1, timeout=BACK_S * 1000)


@pytest.fixture
def customer(assistant) -> str:
    """An identity token, as the shop's own server signs it."""
    claims = {"aud": "amends-identity", "sub": secrets.token_hex(8), "exp": int(time.time()) + 600}
    return jwt.encode(claims, assistant.env["AMENDS_SHOP_KEY"], "HS256")


def test_who_is_named_while_the_server_is_away_chats_as_a_customer(
    shopper, relay, customer
) -> None:
    relay.cut()
    shopper.page.evaluate("(token) => Amends.identify(token)", customer)
    shopper.launcher.click()
    shopper.types("hello")
    relay.mend()
    expect(shopper.answers).to_have_count(1, timeout=BACK_S * 1000)
    assert shopper.conversation.startswith("shop-")


def test_a_stranger_does_not_go_on_while_the_customer_cannot_be_named(shopper, customer) -> None:
    shopper.open().says("hello")
    shopper.page.route("**/webhooks/web/session*", lambda route: route.abort())
    shopper.page.evaluate("(token) => Amends.identify(token)", customer)
    shopper.types("where is my order?")
    shopper.page.wait_for_timeout(1500)
    assert shopper.conversation.startswith("web-")
    expect(shopper.panel.get_by_text("Sending…")).to_have_count(1)
    shopper.page.unroute("**/webhooks/web/session*")
    shopper.is_connected(BACK_S)
    expect(shopper.answers).to_have_count(1, timeout=BACK_S * 1000)
    assert shopper.conversation.startswith("shop-")
    assert own(shopper) == ["where is my order?"]


def arrived(shopper: Shopper, assistant, texts: list[str]) -> None:
    """Once on the screen, once in Rasa's record, in this order, and so after a reload."""
    shopper.page.wait_for_timeout(1500)  # Time for a second copy, if there is one.
    assert own(shopper) == texts
    assert said(assistant.state, shopper.conversation) == texts
    shopper.page.reload()
    shopper.open()
    expect(shopper.answers).to_have_count(len(texts))
    assert own(shopper) == texts


def own(shopper: Shopper) -> list[str]:
    return [text for role, text in shopper.lines() if role == "shopper"]
