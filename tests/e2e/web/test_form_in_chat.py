"""A form in the chat window: asked, answered with buttons, confirmed, and done in the shop."""

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect
from test_page import violations

from amends.orders.demo import FILE

pytestmark = pytest.mark.timeout(900)

NUMBER, ADDRESS = "A10175", "noor@example.com"


def pressed(shopper, title: str) -> str:
    """Press a button and wait for the answer."""
    before = shopper.answers.count()
    shopper.replies.get_by_text(title, exact=True).click()
    expect(shopper.answers).to_have_count(before + 1, timeout=20_000)
    return shopper.answers.last.inner_text()


def test_something_is_sent_back_with_the_buttons(shopper, assistant, axe, shot) -> None:
    shopper.open().says("I want to return something")
    shopper.says(NUMBER)
    which = shopper.says(ADDRESS)
    assert "Carafe" in which or "carafe" in which, which
    title = next(text for text in shopper.replies.all_inner_texts() if "carafe" in text.lower())
    pressed(shopper, title)
    asked = shopper.says("It leaks where the handle begins.")
    assert "leaks" in asked
    expect(shopper.replies.get_by_text("Yes", exact=True)).to_be_visible()
    shot(shopper.page, "form")
    assert violations(shopper, axe) == []
    done = pressed(shopper, "Yes")
    assert NUMBER in done
    expect(shopper.replies.get_by_text("Yes", exact=True)).to_have_count(0)
    with closing(sqlite3.connect(assistant.state / FILE)) as database:
        ((reason,),) = database.execute("SELECT reason FROM returns WHERE number = ?", (NUMBER,))
    assert "leaks" in reason


def test_a_card_number_leaves_the_shoppers_own_bubble(shopper) -> None:
    shopper.open().says("pay with 4111 1111 1111 1111, please")
    shopper.reads("payment card number")
    assert shopper.texts()[0] == "pay with [card], please"
    stored = shopper.page.evaluate("JSON.stringify(localStorage)")
    assert "4111 1111" not in stored
    shopper.page.reload()
    shopper.open()
    expect(shopper.messages).to_have_count(2)
    assert shopper.texts()[0] == "pay with [card], please"
    expect(shopper.panel.get_by_text("payment card number")).to_have_count(1)
