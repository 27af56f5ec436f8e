"""The words around what a policy file says, and what each English reply says that we can do."""

import re

import pytest

from amends.settings import ROOT
from templates import Replies, Situation
from templates.wordings import load_wordings

FOLDER = ROOT / "templates"
ONE = {
    "quote": "Lamps burn {{ 7 * 7 }} hours.",
    "heading": "Lamps",
    "line": "7",
    "quote_2": "",
    "heading_2": "",
    "line_2": "",
}
TWO = {**ONE, "quote_2": "Wicks are free.", "heading_2": "Wicks", "line_2": "19"}
QUOTING = ("policy_answer", "policy_nearest", "policy_other_language")
WORDINGS = [
    wording
    for wordings in load_wordings(FOLDER).values()
    for wording in wordings
    if wording.id.startswith("en/")
]


def of(*kinds):
    chosen = [wording for wording in WORDINGS if wording.kind in kinds]
    return pytest.mark.parametrize("wording", chosen, ids=[wording.id for wording in chosen])


@of(*QUOTING)
def test_a_quote_is_marked_as_one_with_its_place(wording):
    text = wording.fill(ONE)

    assert '"Lamps burn {{ 7 * 7 }} hours." (Lamps, line 7)' in text
    assert "Wicks" not in text
    assert not re.search(r"\(, line|\"\"| [,.?]", text)


@of(*QUOTING)
def test_a_second_quote_follows_with_its_own_place(wording):
    assert '(Lamps, line 7) and "Wicks are free." (Wicks, line 19)' in wording.fill(TWO)


@of(*QUOTING)
def test_the_words_around_say_neither_yes_nor_no(wording):
    assert not re.search(r"\b(?:yes|no|certainly|of course)\b", wording.fill(ONE), re.IGNORECASE)


@of("policy_nearest", "policy_unanswered", "rephrase_help")
def test_what_may_not_help_offers_a_person(wording):
    text = wording.fill(ONE)

    assert "person" in text
    assert "?" in text


@of("solved_thanks", "deny")
def test_a_close_asks_for_nothing_more(wording):
    assert "?" not in wording.fill({})


@of("bot_challenge")
def test_nobody_is_led_to_think_that_this_is_a_person(wording):
    assert re.search(r"program|automated", wording.fill({}))
    assert '"a person, please"' in wording.fill({})


@of("answer")
def test_no_answer_says_any_more_that_orders_cannot_be_seen(wording):
    untrue = (
        r"can't (?:see (?:\w+ )?orders|track|trace|look (?:up orders|anything)|start|change or)"
    )

    assert not re.search(untrue, wording.fill({}))


@pytest.mark.parametrize("kind", QUOTING)
def test_a_language_without_words_of_its_own_quotes_in_english_words(kind):
    reply = Replies(FOLDER).render(Situation(kind=kind, language="xx", facts=ONE))

    assert reply.id.startswith(f"en/{kind}#")
