"""The word list: marked as degraded, quick, and early to hand over."""

import time

import pytest

from nlu.assessment import Assessment, Intensity, Polarity, Unreadable
from nlu.lexicon import MODEL_NAME, assess_by_lexicon, mood_of_word
from tickets.triage import Decision, triage

REASON = "the model took too long"


def assessed(text: str) -> Assessment:
    found = assess_by_lexicon(text, REASON)
    assert isinstance(found, Assessment)
    return found


@pytest.mark.parametrize("text", ["I hate this", "I love this", "the box is here", "😡"])
def test_it_says_that_it_is_not_the_classifier_and_why(text: str) -> None:
    found = assessed(text)
    assert (found.degraded, found.degraded_reason, found.model) == (True, REASON, MODEL_NAME)
    assert (found.category, found.runners_up, found.text) == ("other", [], text)


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("I hate this horrible shop", Polarity.NEGATIVE),
        ("I love it, wonderful", Polarity.POSITIVE),
        ("The box is on the table.", Polarity.NEUTRAL),
    ],
)
def test_polarity(text: str, polarity: Polarity) -> None:
    found = assessed(text)
    assert found.polarity is polarity
    assert max(found.polarity_probs, key=found.polarity_probs.__getitem__) is polarity
    assert sum(found.polarity_probs.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    "text",
    [
        "I hate you, worst horrible disgusting service",
        "this is terrible",
        "I am so angry and disappointed",
        "YOUR SHOP IS A BAD JOKE",
        "😡😡😡",
    ],
)
def test_upset_goes_to_a_person(text: str) -> None:
    decision = triage(assessed(text), intent=None)
    assert (decision.decision, decision.rule) == (Decision.ESCALATE, "strong_negative")


@pytest.mark.parametrize("text", ["thank you, great help", "when do you open on Monday"])
def test_calm_does_not(text: str) -> None:
    assert triage(assessed(text), intent=None).decision is Decision.ANSWER


def test_shouting_makes_it_extreme() -> None:
    quiet, loud = assessed("your parcel is bad"), assessed("YOUR PARCEL IS BAD")
    assert quiet.intensity in (Intensity.MEDIUM, Intensity.STRONG)
    assert (loud.intensity, loud.severity) == (Intensity.EXTREME, 1.0)


def test_praise_is_never_severe() -> None:
    assert assessed("I LOVE THIS, BEST SHOP EVER").severity == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "no_text"), ("123", "no_text"), ("\u0433\u0434\u0435", "other_script")],
)
def test_what_cannot_be_read_is_passed_through(text: str, reason: str) -> None:
    found = assess_by_lexicon(text, REASON)
    assert isinstance(found, Unreadable)
    assert (found.text, found.reason) == (text, reason)


def test_it_is_quick() -> None:
    assess_by_lexicon("warm up", REASON)
    start = time.process_time()
    for _ in range(50):
        assess_by_lexicon("third time my parcel is lost and nobody answers, this is bad", REASON)
    assert (time.process_time() - start) / 50 < 0.02


@pytest.mark.parametrize("word", ["awful", "AWFUL!", "#awful", "great"])
def test_a_word_that_the_list_knows_has_mood_however_it_is_written(word: str) -> None:
    assert mood_of_word(word) > 0.4


@pytest.mark.parametrize("word", ["kettle", "the", "", "!"])
def test_a_word_that_it_does_not_know_has_none(word: str) -> None:
    assert mood_of_word(word) == 0.0


@pytest.mark.parametrize("word", ["not", "never", "can't"])
def test_a_negation_counts_though_it_has_no_mood_of_its_own(word: str) -> None:
    assert mood_of_word(word) > 0.4
