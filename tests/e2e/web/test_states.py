"""What the chat says while it waits, and about what it does not take."""

import re
import signal

import pytest
from playwright.sync_api import expect
from shopper import Shopper, until
from test_page import violations

pytestmark = pytest.mark.timeout(900)

UNREACHABLE = (
    "We can't be reached right now. Your message is kept here and will be sent when we're back."
)
NO_ANSWER = "No answer has come back, and that is our fault. Please write to us once more."
TOO_LONG = "That is longer than 4000 characters. Please send it in two or three parts."
SLOW_DOWN = "That was a lot at once. Your message goes out in a moment."
BURST = 10
"""More than are taken at once, and no more than may wait."""


@pytest.fixture
def shopper(fragile, new_context):
    yield Shopper.on(new_context(), fragile.pages.url()).open()
    fragile.actions.heal()
    fragile.actions.response = None


def test_while_the_bot_works_dots_move_and_a_reader_is_told(shopper, fragile) -> None:
    dots = shopper.panel.locator(".dots")
    expect(dots).to_be_hidden()
    fragile.actions.break_it("slow", slow_s=0.7)
    shopper.types("hello")
    expect(dots).to_be_visible()
    expect(shopper.status).to_have_text("Writing an answer…")
    expect(shopper.answers).to_have_count(1)
    expect(dots).to_be_hidden()
    expect(shopper.status).to_have_text("")


def test_a_long_text_stays_where_it_was_written(shopper) -> None:
    shopper.types("x" * 4001)
    expect(shopper.status).to_have_text(TOO_LONG)
    expect(shopper.input).to_have_value("x" * 4001)
    assert shopper.messages.count() == 0
    shopper.says("y" * 4000)
    expect(shopper.status).to_have_text("")


def test_many_at_once_are_slowed_down_and_each_is_answered_once(shopper, fragile) -> None:
    fragile.actions.response = {"text": "Thank you."}
    texts = [f"message {number}" for number in range(BURST)]
    for text in texts:
        shopper.types(text)
    shopper.reads(SLOW_DOWN)
    expect(shopper.answers).to_have_count(BURST, timeout=60_000)
    assert [text for role, text in shopper.lines() if role == "shopper"] == texts
    expect(shopper.status).to_have_text("")


def test_what_the_server_refuses_can_be_changed_or_sent_again(shopper, axe) -> None:
    nothing = "\u0001\u0002"
    shopper.types(nothing)
    refused = shopper.panel.locator(".failed")
    expect(refused).to_contain_text("Not sent.")
    assert violations(shopper, axe) == []
    refused.get_by_role("button", name="Send again").click()
    expect(refused).to_contain_text("Not sent.")
    assert len(shopper.says("hello")) > 10, "it does not hold up the next"
    refused.get_by_role("button", name="Edit").click()
    expect(refused).to_have_count(0)
    expect(shopper.input).to_have_value(nothing)
    shopper.page.reload()
    shopper.open()
    expect(shopper.messages).to_have_count(2)


def test_enter_that_ends_a_word_of_an_input_method_sends_nothing(shopper) -> None:
    shopper.input.fill("nihao")
    press = {"key": "Enter", "isComposing": True, "bubbles": True, "cancelable": True}
    shopper.input.evaluate("(one, press) => one.dispatchEvent(new KeyboardEvent(...press))", [
        "keydown", press,
    ])  # fmt: skip
    shopper.page.wait_for_timeout(300)
    expect(shopper.input).to_have_value("nihao")
    assert shopper.messages.count() == 0
    shopper.input.press("Shift+Enter")
    expect(shopper.input).to_have_value("nihao\n")


@pytest.mark.parametrize("is_taken", [False, True], ids=["before", "after"])
def test_a_server_that_freezes_is_told_of_and_nothing_is_lost(
    shopper, fragile, is_taken: bool
) -> None:
    """Its lines stay open, and nothing comes: only the widget's own clock can tell."""
    shopper.says("hello")
    if is_taken:
        fragile.actions.break_it("hung")
        shopper.types("where is my order?")
        expect(shopper.panel.get_by_text("Sending…")).to_have_count(0)
        fragile.send(signal.SIGSTOP)
    else:
        fragile.send(signal.SIGSTOP)
        shopper.types("where is my order?")
    try:
        expect(shopper.status).to_have_text(NO_ANSWER if is_taken else UNREACHABLE, timeout=25_000)
    finally:
        fragile.send(signal.SIGCONT)
        fragile.actions.heal()
    # A notice where the freeze fell on the reading of the trackers, which then count as down.
    told = shopper.panel.locator(".message.bot .bubble, .notice")
    expect(told).to_have_count(2, timeout=60_000)
    expect(shopper.status).to_have_text("")
    shopper.page.wait_for_timeout(1500)
    texts = [text for role, text in shopper.lines() if role == "shopper"]
    assert texts == ["hello", "where is my order?"]
    assert told.count() == 2


def test_a_customer_whom_the_server_does_not_take_chats_on(shopper) -> None:
    """And the page that named them is told, unless it no longer listens."""
    shopper.page.evaluate(
        "window.heard = []; window.listener = (error) => heard.push(error.code);"
        "Amends.on('error', listener)"
    )
    shopper.page.evaluate("Amends.identify('nonsense')")
    until(lambda: shopper.page.evaluate("heard") == ["no_identity"], "the error event")
    assert len(shopper.says("hello")) > 10
    shopper.page.evaluate("Amends.off('error', listener); Amends.identify('nonsense')")
    assert len(shopper.says("where is my order?")) > 10
    assert shopper.page.evaluate("heard") == ["no_identity"]


def test_toggle_opens_and_closes(shopper) -> None:
    shopper.page.evaluate("Amends.toggle()")
    expect(shopper.panel).to_be_hidden()
    shopper.page.evaluate("Amends.toggle()")
    expect(shopper.panel).to_be_visible()


@pytest.mark.parametrize(("scheme", "theme"), [("light", "dark"), ("dark", "light")])
def test_the_page_chooses_the_theme_whatever_the_system_does(
    fragile, new_context, scheme: str, theme: str
) -> None:
    shopper = Shopper.on(new_context(color_scheme=scheme), fragile.pages.url(theme=theme)).open()
    paper = "(panel) => getComputedStyle(panel).backgroundColor"
    assert is_dark(shopper.panel.evaluate(paper)) is (theme == "dark")
    shopper.page.locator("amends-chat").evaluate(f"(host) => host.dataset.theme = '{scheme}'")
    assert is_dark(shopper.panel.evaluate(paper)) is (scheme == "dark")


def is_dark(colour: str) -> bool:
    return sum(map(int, re.findall(r"\d+", colour)[:3])) < 3 * 128
