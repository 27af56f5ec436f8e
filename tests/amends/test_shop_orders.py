"""The demo shop's page shows orders to try the chat with, as they are."""

import asyncio
import re
from datetime import date, timedelta
from html import unescape

import pytest

from amends.orders import Order, Refund, State
from amends.orders.demo import FILE, DemoShop
from amends.orders.demo_seed import TO_TRY
from amends.settings import Settings, load_settings
from amends.shop.orders import shown
from amends.shop.server import Shop

TODAY = date(2026, 3, 2)


def home(settings: Settings) -> str:
    page = asyncio.run(Shop(settings).home(None)).body.decode()
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture
def settings() -> Settings:
    return load_settings()


def test_the_page_shows_numbers_with_their_address_and_state(settings) -> None:
    text = home(settings)
    shop = DemoShop(settings.state_dir)
    for order in shop.orders_to_try():
        assert f"{order.number} " in text
        assert order.email in text
        assert shop.find(order.number, order.email) == order
    assert [text.count(number) for number in TO_TRY] == [1] * len(TO_TRY)
    for word in ("Being packed", "On its way", "Late", "Delivered"):
        assert word in text


def test_what_was_done_in_the_chat_shows(settings) -> None:
    assert "Cancelled" not in home(settings)
    DemoShop(settings.state_dir).cancel("A10247")
    assert "Cancelled" in home(settings)


def test_a_shop_with_other_orders_shows_none(settings) -> None:
    text = home(settings.model_copy(update={"shop_connector": "woocommerce"}))
    assert "Orders to try" not in text
    assert not (settings.state_dir / FILE).exists()


def test_a_file_that_cannot_be_read_is_said_on_the_page_and_in_the_log(settings, capsys) -> None:
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    (settings.state_dir / FILE).write_text("no database at all " * 99)
    text = home(settings)
    assert "They cannot be read just now." in text
    assert "The kitchen" in text
    assert "found DatabaseError: file is not a database" in capsys.readouterr().err


@pytest.fixture
def order(tmp_path) -> Order:
    found = DemoShop(tmp_path, today=lambda: TODAY).find("A10234", "robin@example.com")
    assert found is not None
    return found


@pytest.mark.parametrize("state", State)
def test_every_state_has_words(order, state) -> None:
    (one,) = shown([order.model_copy(update={"state": state})], TODAY)
    assert one.state
    assert one.hint.endswith(".")
    assert not one.late


@pytest.mark.parametrize(
    ("changes", "state", "late"),
    [
        ({"expected_on": TODAY}, "On its way", False),
        ({"expected_on": TODAY - timedelta(days=1)}, "Late", True),
        ({"expected_on": None}, "On its way", False),
        (
            {"refunds": (Refund(amount=None, state="requested", at=TODAY),)},
            "Refund asked for",
            False,
        ),
    ],
)
def test_what_matters_most_is_said(order, changes, state, late) -> None:
    (one,) = shown([order.model_copy(update=changes)], TODAY)
    assert (one.state, one.late) == (state, late)
