"""Decisions that a conversation's mood calls for, in their order."""

import pytest
from assessments import assessed

from nlu.assessment import RunnerUp, Unreadable
from tickets.mood import Mood
from tickets.triage import CLOSE, MAX_COMPLAINTS, MAX_MISSES, VERY_ANGRY, Decision, triage

UPSET = Mood(level=0.8, anger=0.4, upset=True)
REPEATED = Mood(complaints=MAX_COMPLAINTS, is_complaint=True, is_counted=True)
MISSED = Mood(misses=MAX_MISSES)
COMPLAINS = Mood(complaints=1, is_complaint=True, is_counted=True)
CALM = assessed("ok", polarity="neutral", complaint=0.0, severity=0.0)
NEXT = [RunnerUp(category="order_changes", similarity=0.6 - CLOSE / 2)]


@pytest.mark.parametrize(
    ("assessment", "mood", "rule"),
    [
        (assessed(), Mood(anger=VERY_ANGRY), "strong_negative"),
        (assessed(), Mood(anger=VERY_ANGRY - 0.01), "complaint"),
        (assessed(severity=1.0), Mood(anger=0.3), "complaint"),  # at a courier, say
        (assessed(degraded=True), Mood(anger=0.5), "strong_negative"),
        (assessed(degraded=True), Mood(anger=0.49), "complaint"),
        (assessed(), UPSET, "sustained_anger"),
        (CALM, Mood(level=0.9, anger=0.0, upset=True), "no_complaint"),
        (assessed(), REPEATED, "repeated_complaint"),
        (CALM, Mood(complaints=9), "no_complaint"),
        (assessed(), Mood(complaints=9, is_complaint=True), "complaint"),  # in a form
        (CALM, MISSED, "not_understood"),
        (CALM, Mood(misses=2), "no_complaint"),
        (Unreadable(text="?", reason="no_text"), MISSED, "not_understood"),
        (Unreadable(text="?", reason="no_text"), UPSET, "no_text"),
        (Unreadable(text="où est", reason="other_language"), Mood(), "other_language"),
        (assessed("it came"), Mood(complained=True, cues=("good_news",)), "positive_close"),
        (assessed("it came"), Mood(cues=("good_news",)), "complaint"),
        (assessed("it came", valence=0.1), Mood(cues=("good_news",)), "no_complaint"),
        (assessed("it came"), Mood(complained=True, cues=("good_news", "blame")), "complaint"),
        (assessed("thanks", polarity="positive", complaint=0.1), COMPLAINS, "complaint"),
        (assessed("thanks", polarity="positive", complaint=0.1), Mood(), "no_complaint"),
    ],
)
def test_the_rule_that_fires(assessment, mood, rule):
    assert triage(assessment, None, mood).rule == rule


@pytest.mark.parametrize(
    ("intent", "rule"), [("thank", "no_complaint"), ("track_order", "positive_close")]
)
def test_good_news_with_thanks_are_answered_as_thanks(intent, rule):
    news = Mood(complained=True, cues=("good_news",))
    assert triage(assessed("it came"), intent, news).rule == rule


def test_words_go_before_every_mood():
    for mood in (UPSET, REPEATED, MISSED):
        assert triage(assessed("it caught fire"), None, mood).rule == "safety"
        assert triage(assessed("a human please"), None, mood).rule == "person"


@pytest.mark.parametrize("mood", [Mood(anger=0.9), UPSET, REPEATED])
def test_neither_a_task_nor_a_question_holds_up_who_is_upset(mood):
    close = assessed(runners_up=NEXT)
    found = triage(close, None, mood, task_intent=True, may_clarify=True)
    assert found.decision is Decision.ESCALATE


@pytest.mark.parametrize(
    ("how", "mood", "expected"),
    [
        ({"may_clarify": True}, COMPLAINS, (Decision.CLARIFY, "close_categories")),
        ({"may_clarify": False}, COMPLAINS, (Decision.ANSWER, "complaint")),
        ({"may_clarify": True, "task_intent": True}, COMPLAINS, (Decision.ANSWER, "task")),
        ({"may_clarify": True}, Mood(anger=0.5, is_complaint=True), (Decision.ANSWER, "complaint")),
        ({"may_clarify": True}, None, (Decision.ANSWER, "complaint")),
    ],
)
def test_what_a_complaint_of_two_close_categories_leads_to(how, mood, expected):
    found = triage(assessed(runners_up=NEXT), None, mood, **how)
    assert (found.decision, found.rule) == expected


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"runners_up": NEXT}, True),
        ({"runners_up": [RunnerUp(category="order_changes", similarity=0.6 - CLOSE)]}, False),
        ({"runners_up": []}, False),
        ({"runners_up": NEXT, "category": "other"}, False),
    ],
)
def test_which_categories_are_close(changes, asked):
    found = triage(assessed(**changes), None, COMPLAINS, may_clarify=True)
    assert (found.decision is Decision.CLARIFY) is asked


@pytest.mark.parametrize(
    ("mood", "detail"),
    [
        (
            Mood(anger=0.81, cues=("again", "polite")),
            "anger 0.81 >= 0.60 (severity 0.10 < 0.44; again)",
        ),
        (Mood(level=0.8, anger=0.4, upset=True), "level 0.80, anger 0.40"),
        (REPEATED, "3 complaints, no solution"),
    ],
)
def test_detail_tells_the_agent_what_fired(mood, detail):
    assert triage(assessed(), None, mood).detail == detail


@pytest.mark.parametrize(("complaints", "repeats"), [(0, 0), (1, 0), (3, 2)])
def test_the_complaints_before_are_told(complaints, repeats):
    assert triage(assessed(), None, Mood(complaints=complaints)).repeats == repeats


def test_a_message_by_itself_had_none_before():
    assert triage(assessed(), None).repeats == 0
