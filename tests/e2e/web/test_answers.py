"""What an action can make the chat show: buttons, a little Markdown, and nothing that runs."""

import pytest
from playwright.sync_api import expect
from shopper import Shopper
from test_page import violations
from test_takeover import NASTY, harmless

pytestmark = pytest.mark.timeout(900)

WHICH = {
    "text": "Which of the two is it about?",
    "buttons": [
        {"title": "My delivery", "payload": "my parcel is late"},
        {"title": "A refund", "payload": "/refund{}"},
    ],
}


@pytest.fixture
def shopper(fragile, new_context):
    yield Shopper.on(new_context(), fragile.pages.url()).open()
    fragile.actions.response = None


def test_a_button_answers_for_the_shopper_and_is_gone(shopper, fragile, axe, shot) -> None:
    fragile.actions.response = WHICH
    shopper.says("it went wrong")
    expect(shopper.replies).to_have_text(["My delivery", "A refund"])
    shot(shopper.page, "buttons")
    assert violations(shopper, axe) == []
    shopper.page.reload()
    shopper.open()
    expect(shopper.replies).to_have_text(["My delivery", "A refund"])
    fragile.actions.response = {"text": "Thank you."}
    shopper.replies.first.click()
    expect(shopper.replies).to_have_count(0)
    shopper.reads("Thank you.")
    assert shopper.texts()[-2:] == ["my parcel is late", "Thank you."]


def test_a_button_that_holds_a_command_says_its_title_instead(shopper, fragile) -> None:
    fragile.actions.response = WHICH
    shopper.says("it went wrong")
    fragile.actions.response = {"text": "Thank you."}
    shopper.replies.last.click()
    shopper.reads("Thank you.")
    assert shopper.texts()[-2:] == ["A refund", "Thank you."]


def test_what_the_bot_says_is_text_and_runs_nothing(shopper, fragile) -> None:
    fragile.actions.response = {"text": NASTY}
    shopper.says("hello")
    harmless(shopper)
    shopper.page.reload()
    shopper.open()
    shopper.reads("<img src=x")
    harmless(shopper)


def test_what_a_shopper_writes_stays_as_it_was_written(shopper, fragile) -> None:
    fragile.actions.response = {"text": "Thank you."}
    written = "<img src=x onerror=\"window.pwned='own'\"> **stars** [x](javascript:alert(1))"
    shopper.says(written)
    assert shopper.texts()[0] == written
    assert shopper.page.evaluate("window.pwned") is None
