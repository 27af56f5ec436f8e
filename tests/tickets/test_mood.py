"""How the mood of a conversation goes, whatever the messages are."""

import assessments
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.assessment import Polarity, Unreadable
from tickets.anger import ASKED_KINDLY, anger
from tickets.cues import Cue
from tickets.mood import LOWER, UPPER, Mood
from tickets.triage import VERY_ANGRY


def assessed(
    text="The parcel is late.", severity=0.1, polarity="negative", complaint=0.9, threshold=0.25
):
    return assessments.assessed(
        text,
        severity=severity,
        polarity=polarity,
        complaint=complaint,
        severity_threshold=threshold,
    )


CALM = assessed("ok", 0.0, "neutral", 0.05)
ANGRY = assessed("The parcel is gone.", 0.95)
NO_TEXT = Unreadable(text="?", reason="no_text")

texts = st.sampled_from(["ok", "it is still not here", "you lied to me", "found it", "WHERE IS IT"])
messages = st.one_of(
    st.just(NO_TEXT),
    st.builds(
        assessed,
        texts,
        st.floats(0, 1),
        st.sampled_from([one.value for one in Polarity]),
        st.floats(0, 1),
        st.floats(0, 1),
    ),
)


def after(*said, intent=None, mood=None):
    mood = mood or Mood()
    for number, one in enumerate(said):
        mood = mood.after(one, intent, f"{mood.message_id}-{number}")
    return mood


@given(st.lists(messages, max_size=12))
def test_every_level_is_a_share_and_the_upset_are_above_the_lower_threshold(said):
    mood = Mood()
    for number, one in enumerate(said):
        before, mood = mood, mood.after(one, None, str(number))
        assert 0 <= mood.level <= 1
        assert 0 <= mood.anger <= 1
        assert mood.upset == (mood.level >= (LOWER if before.upset else UPPER))
        assert 0 <= mood.complaints - before.complaints <= 1
        assert mood.is_counted == (mood.complaints > before.complaints)


@given(st.lists(messages, max_size=6), st.floats(0, 0.95), st.floats(0, 0.05))
def test_an_angrier_message_never_makes_a_calmer_conversation(said, severity, more):
    mood = after(*said)
    less, worse = (after(assessed(severity=s), mood=mood) for s in (severity, severity + more))
    assert worse.level >= less.level
    assert worse.upset >= less.upset


@given(st.lists(messages, max_size=6))
def test_calm_messages_only_lower_the_level_and_end_at_peace(said):
    mood = after(*said)
    for _ in range(20):
        before, mood = mood, after(CALM, mood=mood)
        assert mood.level <= before.level
    assert not mood.upset


@given(messages, st.lists(messages, max_size=4))
def test_a_message_that_comes_twice_counts_once(message, said):
    once = after(*said).after(message, "nlu_fallback", "the same")
    assert once.after(message, "nlu_fallback", "the same") == once


def test_one_angry_message_is_not_enough_two_are():
    once = after(ANGRY)
    assert LOWER < once.level < UPPER
    assert not once.upset
    assert after(ANGRY, ANGRY).upset


def test_a_calm_ok_ends_nothing_and_several_do():
    upset = after(ANGRY, ANGRY)
    assert after(CALM, mood=upset).upset
    assert after(CALM, mood=upset).level == pytest.approx(0.8 * upset.level)
    assert not after(*[CALM] * 6, mood=upset).upset


def test_once_calm_it_takes_as_much_as_at_first_to_be_upset_again():
    calmed = after(ANGRY, ANGRY, *[CALM] * 8)
    assert not after(ANGRY, mood=calmed).level < after(ANGRY).level
    assert not after(assessed(severity=0.3), mood=calmed).upset


def test_mild_complaints_alone_never_amount_to_an_upset_conversation():
    assert not after(*[assessed(severity=0.1)] * 30).upset


@pytest.mark.parametrize(
    ("said", "complaints"),
    [
        ([assessed(), assessed(), assessed()], 3),
        ([assessed(), CALM, assessed()], 2),
        ([assessed(polarity="neutral")], 1),
        ([assessed(polarity="positive")], 0),
        ([assessed(complaint=0.4)], 0),
        ([assessed(), assessed("found it, silly me", severity=0.0)], 1),
        # What is still there is a complaint only where something was complained of.
        ([assessed("it is still not here", 0.0, "neutral", 0.1)], 0),
        ([assessed(), assessed("it is still not here", 0.0, "neutral", 0.1)], 2),
        ([assessed("thanks for nothing", 0.0, "positive", 0.1)], 1),
        ([NO_TEXT], 0),
    ],
)
def test_what_counts_as_one_more_complaint(said, complaints):
    assert after(*said).complaints == complaints


def test_a_solution_starts_complaints_and_misses_again_and_calms():
    mood = after(ANGRY, ANGRY, ANGRY).solved()
    assert (mood.complaints, mood.misses, mood.upset, mood.level) == (0, 0, False, LOWER)
    assert after(assessed(severity=0.1), mood=mood).complaints == 1


@pytest.mark.parametrize(
    ("intents", "misses"),
    [
        (["nlu_fallback"], 1),
        (["nlu_fallback"] * 3, 3),
        (["nlu_fallback", "greet", "nlu_fallback"], 1),
        (["greet", None], 0),
    ],
)
def test_misses_in_a_row(intents, misses):
    mood = Mood()
    for number, intent in enumerate(intents):
        mood = mood.after(CALM, intent, str(number))
    assert mood.misses == misses


def test_a_complaint_that_fits_no_intent_is_understood_all_the_same():
    assert Mood().after(assessed(), "nlu_fallback", "1").misses == 0


def test_an_answer_to_a_question_of_ours_is_no_complaint_and_no_miss():
    mood = after(assessed()).after(CALM, "nlu_fallback", "x", is_answer=True)
    mood = mood.after(assessed(), "nlu_fallback", "y", is_answer=True)
    assert (mood.complaints, mood.misses, mood.is_counted, mood.is_complaint) == (1, 0, False, True)


def test_a_falling_mood_shows_at_the_message_that_is_angrier():
    assert [after(*said).falling for said in ([ANGRY], [CALM, ANGRY], [CALM, CALM, ANGRY])] == [
        False,
        True,
        True,
    ]
    assert not after(CALM, assessed(severity=0.05)).falling
    assert not after(ANGRY, CALM).falling


def test_a_mood_survives_the_slot():
    mood = after(ANGRY, assessed("you lied to me"))
    assert Mood.model_validate_json(mood.model_dump_json()) == mood


@pytest.mark.parametrize(("severity", "threshold"), [(0.25, 0.25), (0.9, 0.9), (1.0, 1.0)])
def test_a_half_is_anger_at_the_threshold_of_whichever_adapter(severity, threshold):
    scores = assessed(severity=severity, threshold=threshold)
    assert anger(scores, ()) == pytest.approx(0.5 if threshold < 1 else 1.0)


@pytest.mark.parametrize("cue", [Cue.FURY, Cue.BLAME, Cue.AGAIN, Cue.SCORN])
def test_each_cue_adds_to_what_the_classifier_sees(cue):
    scores = assessed(severity=0.2)
    assert anger(scores, ()) < anger(scores, (cue,)) < anger(scores, tuple(Cue)[:4])


def test_anger_at_a_courier_is_half_the_shops_unless_the_shop_is_meant_too():
    both = (Cue.THIRD_PARTY, Cue.AT_SHOP)
    assert anger(ANGRY, (Cue.THIRD_PARTY,)) == pytest.approx(anger(ANGRY, both) / 2)


@pytest.mark.parametrize(
    ("text", "polarity", "more"),
    [
        ("WHERE IS MY ORDER", "neutral", 0.3),
        ("THANK YOU VERY MUCH", "positive", 0.0),
        ("still there 😡", "negative", 0.35),
        ("so happy 😊", "positive", 0.0),
    ],
)
def test_capitals_and_angry_emoji(text, polarity, more):
    cues = (Cue.POLITE,) if "THANK" in text else ()
    assert anger(assessed(text, 0.0, polarity), cues) == pytest.approx(more)


def test_a_face_alone_calls_nobody_however_sure_the_classifier_is():
    assert anger(assessed("😡😡😡", 1.0), ()) < VERY_ANGRY < anger(assessed("no! 😡😡😡", 1.0), ())


def test_who_only_asks_kindly_is_less_angry_than_their_words():
    asking = anger(ANGRY, (Cue.POLITE,))
    assert asking == pytest.approx(ASKED_KINDLY * anger(ANGRY, ()))
    assert anger(ANGRY, (Cue.POLITE, Cue.BLAME)) == pytest.approx(anger(ANGRY, (Cue.BLAME,)))
