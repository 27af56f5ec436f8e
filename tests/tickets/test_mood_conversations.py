"""Whole conversations, scored by the shipped adapter: who gets a person, and who is left alone."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from amends.settings import load_settings
from nlu.assessor import Assessor
from tickets.mood import Mood
from tickets.triage import Decision, triage

FILE = Path(__file__).with_name("mood_conversations.yml")
CONVERSATIONS = yaml.safe_load(FILE.read_text(encoding="utf-8"))
KINDS = list(dict.fromkeys(one["kind"] for one in CONVERSATIONS))
HIGHEST = 0.05


@pytest.fixture(scope="module")
def assessor():
    return Assessor.load(load_settings())


@pytest.fixture(scope="module")
def decided(assessor):
    """Each conversation with its half and the rules that fired, one a message."""
    places, found = Counter(), []
    for one in CONVERSATIONS:
        places[one["kind"]] += 1
        half = "chosen on" if places[one["kind"]] % 2 else "held out"
        found.append((one, half, rules(assessor, one["said"])))
    return found


def rules(assessor, said):
    mood, fired = Mood(), []
    for number, scores in enumerate(assessor.assess(said)):
        mood = mood.after(scores, None, str(number))
        fired.append(triage(scores, None, mood))
    return fired


def calls(fired):
    return any(one.decision is Decision.ESCALATE for one in fired)


def wrong(decided, escalate, wanted):
    return [
        one["said"]
        for one, half, fired in decided
        if one["escalate"] is escalate and half in wanted and calls(fired) is not escalate
    ]


@pytest.mark.parametrize("wanted", [("held out",), ("chosen on", "held out")])
@pytest.mark.parametrize("escalate", [True, False])
def test_few_are_missed_and_few_are_called_for_nothing(decided, escalate, wanted):
    total = sum(one["escalate"] is escalate and half in wanted for one, half, _ in decided)
    assert total >= 15
    assert len(wrong(decided, escalate, wanted)) / total <= HIGHEST, wrong(
        decided, escalate, wanted
    )


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_conversation_is_told_right_but_for_one(decided, kind):
    of_kind = [(one, calls(fired)) for one, _, fired in decided if one["kind"] == kind]
    missed = [one["said"] for one, called in of_kind if called is not one["escalate"]]
    assert len(of_kind) >= 6
    assert len(missed) <= 1, missed


def said(assessor, *messages):
    return [one.rule for one in rules(assessor, list(messages))]


def test_scorn_that_the_classifier_takes_for_praise_is_a_complaint(assessor):
    assert said(assessor, "thanks for nothing") != ["no_complaint"]
    assert said(assessor, "great job, you lost my parcel again") != ["no_complaint"]


def test_praise_stays_praise(assessor):
    assert said(assessor, "great job, thank you, I will order again") == ["no_complaint"]
    assert said(assessor, "great shop, nothing broken, will buy again") == ["no_complaint"]


def test_one_swear_word_at_the_courier_calls_nobody_and_at_the_shop_it_does(assessor):
    assert said(assessor, "the courier is a lying idiot") == ["complaint"]
    assert said(assessor, "you are lying idiots, this whole shop") == ["strong_negative"]


def test_third_complaint_without_a_solution_goes_to_a_person(assessor):
    late = ["My parcel has not come", "It has not arrived today either", "Still no parcel here"]
    assert said(assessor, *late) == ["complaint", "complaint", "repeated_complaint"]


def test_good_news_after_a_complaint_are_none(assessor):
    found = "found it, it was with my neighbour all along, silly me"
    assert said(assessor, "my parcel is gone", found) == ["complaint", "positive_close"]


@pytest.mark.parametrize(
    "text",
    [
        "it arrived, but broken",
        "it still has not turned up",
        "I want this sorted now",
        "it came late",
    ],
)
def test_what_only_sounds_like_good_news(assessor, text):
    assert said(assessor, text) != ["positive_close"]


def test_a_calm_ok_calls_nobody_again_and_the_next_angry_word_does(assessor):
    first = "I hate this shop, you lost my parcel and nobody cares"
    again = "you have done nothing about it, this is a disgrace"
    mild = "and the replacement you promised is late as well"
    fired = said(assessor, first, again, "ok", mild)
    assert fired[:3] == ["strong_negative", "strong_negative", "no_complaint"]
    assert fired[3] in ("sustained_anger", "repeated_complaint")
