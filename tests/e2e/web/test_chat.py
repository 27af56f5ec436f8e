"""A shopper chats on the demo shop's page."""

import pytest
from playwright.sync_api import expect
from shopper import Shopper, until

pytestmark = pytest.mark.timeout(900)

ANGRY = (
    "This is the third time my kettle arrived smashed and nobody answers my emails. "
    "I am absolutely furious, this is the worst shop ever, I want my money back!"
)


def test_a_shopper_is_answered(shopper) -> None:
    answer = shopper.open().says("hello")
    assert len(answer) > 10
    assert shopper.lines() == [("shopper", "hello"), ("bot", answer)]


def test_a_complaint_gets_the_reference_of_a_ticket_that_is_there(shopper, assistant) -> None:
    answer = shopper.open().says(ANGRY)
    (reference,) = assistant.tickets(shopper.conversation)
    assert reference in answer


def test_a_reload_keeps_the_history(shopper) -> None:
    shopper.open().says("hello")
    before = shopper.lines()
    shopper.page.reload()
    shopper.open()
    expect(shopper.messages).to_have_count(2)
    assert shopper.lines() == before


def test_another_page_of_the_shop_goes_on_with_the_chat(shopper, assistant) -> None:
    shopper.open().says("hello")
    before = shopper.lines()
    shopper.page.goto(f"{assistant.shop_url}/products/kettle")
    shopper.open()
    expect(shopper.messages).to_have_count(2)
    assert shopper.lines() == before


def test_a_second_tab_sees_both_sides(shopper, assistant) -> None:
    shopper.open().says("hello")
    other = Shopper.on(shopper.page.context, assistant.shop_url).open()
    expect(other.messages).to_have_count(2)
    shopper.says("where is my order?")
    expect(other.messages).to_have_count(4)
    assert other.lines() == shopper.lines()
    other.says("thanks a lot")
    expect(shopper.messages).to_have_count(6)
    assert other.lines() == shopper.lines()


def test_an_answer_behind_a_closed_window_is_counted_on_the_launcher(shopper) -> None:
    shopper.open()
    shopper.types("hello")
    shopper.input.press("Escape")
    expect(shopper.panel).to_be_hidden()
    badge = shopper.launcher.locator(".badge")
    expect(badge).to_have_text("1", timeout=20_000)
    assert shopper.launcher.get_attribute("aria-label") == "Open chat, 1 unread"
    shopper.launcher.click()
    expect(badge).to_be_hidden()


def test_keys_alone_are_enough(shopper) -> None:
    shopper.launcher.focus()
    shopper.page.keyboard.press("Enter")
    shopper.is_connected()
    expect(shopper.input).to_be_focused()
    shopper.page.keyboard.type("hello")
    shopper.page.keyboard.press("Enter")
    expect(shopper.answers).to_have_count(1)
    shopper.page.keyboard.press("Escape")
    expect(shopper.panel).to_be_hidden()
    expect(shopper.launcher).to_be_focused()


def test_the_page_opens_closes_and_listens(shopper) -> None:
    shopper.page.evaluate(
        "window.heard = []; for (const name of ['open', 'close', 'message', 'unread'])"
        " Amends.on(name, () => heard.push(name))"
    )
    shopper.page.get_by_role("button", name="Order help").click()
    expect(shopper.panel).to_be_visible()
    shopper.is_connected()
    shopper.says("hello")
    shopper.page.evaluate("Amends.close()")
    expect(shopper.panel).to_be_hidden()
    until(lambda: shopper.page.evaluate("heard.at(-1)") == "close", "the close event")
    heard = shopper.page.evaluate("heard")
    assert (heard[0], heard.count("message")) == ("open", 2)


def test_a_shopper_whom_the_shop_names_has_a_chat_of_their_own(shopper, assistant) -> None:
    shopper.open().says("hello")
    stranger = shopper.conversation
    shopper.page.get_by_role("button", name="Sign in as Robin").click()
    expect(shopper.messages).to_have_count(0)
    customer = shopper.conversation
    assert (stranger[:4], customer[:5]) == ("web-", "shop-")
    shopper.page.goto(f"{assistant.shop_url}/products/kettle")
    shopper.page.get_by_role("button", name="Sign out Robin").wait_for()
    shopper.open().says("hello")
    assert shopper.conversation == customer
    shopper.page.get_by_role("button", name="Sign out Robin").click()
    expect(shopper.messages).to_have_count(0)
    until(lambda: shopper.conversation.startswith("web-"), "a stranger again")
    assert shopper.conversation != stranger
