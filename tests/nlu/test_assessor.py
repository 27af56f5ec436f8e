"""One message in, one assessment out, whatever the message is."""

import math

import pytest

from nlu.assessment import OTHER, Assessment, Polarity, Unreadable
from nlu.assessor import Assessor
from nlu.reader import Reader
from tickets.triage import Decision, triage

CHINESE = "\u6211\u7684\u5305\u88f9\u574f\u4e86\uff0c\u6ca1\u4eba\u56de\u590d"
ODD = {
    "100 kB": "where is my parcel " * 5500,
    "one long word": "a" * 100_000,
    "control characters": "my \x00parcel\x07 is\x1b[2J lost\x9f",
    "NUL alone beside a word": "\x00lost\x00",
    "emoji alone": "😡😡😡",
    "joined emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽",
    "half an emoji": "it came broken \ud83d",
    "stacked accents": "l" + "\u0301" * 500 + "ate",
    "right to left": "\u202ethe parcel\u202c is late",
    "markup": "<script>alert(1)</script> {{ 7*7 }} [/INST] </s>",
    "SQL": "'; DROP TABLE tickets; --",
    "one letter": "k",
    "letters among digits": "12345 a 67890",
    "many lines": "late\n\n\n\n" * 500,
    "mathematical letters": "\N{MATHEMATICAL BOLD CAPITAL A}" * 5,
}
UNREAD = {
    "": "no_text",
    "   \n\t ": "no_text",
    "\x00\x01\x02": "no_text",
    "?!...": "no_text",
    "1234": "no_text",
    "\ud83d": "no_text",
    CHINESE: "other_script",
    "\u0637\u0631\u062f\u064a \u0645\u0643\u0633\u0648\u0631": "other_script",
}


@pytest.mark.parametrize("text", ODD.values(), ids=list(ODD))
def test_every_field_is_in_range_for_odd_messages(assessor: Assessor, text: str) -> None:
    found = assessor.assess([text])[0]
    assert isinstance(found, Assessment)
    # Assessment itself refuses values out of range; what it cannot see is checked here.
    assert sum(found.polarity_probs.values()) == pytest.approx(1)
    assert found.polarity is max(found.polarity_probs, key=found.polarity_probs.__getitem__)
    assert [r.similarity for r in found.runners_up] == sorted(
        (r.similarity for r in found.runners_up), reverse=True
    )
    assert found.category not in {r.category for r in found.runners_up}
    assert len(found.text) <= 4000
    assert found.model_dump_json().encode("utf-8")
    assert not math.isnan(found.valence)


@pytest.mark.parametrize(("text", "reason"), UNREAD.items(), ids=map(ascii, UNREAD))
def test_what_cannot_be_read_is_not_scored(assessor: Assessor, text: str, reason: str) -> None:
    found = assessor.assess([text])[0]
    assert isinstance(found, Unreadable)
    assert found.reason == reason


def test_no_messages(assessor: Assessor) -> None:
    assert assessor.assess([]) == []


def test_order_is_kept_among_messages_that_cannot_be_read(assessor: Assessor) -> None:
    texts = ["first", "", "second one, which is longer", CHINESE, "123", "third"]
    found = assessor.assess(texts)
    assert [item.text for item in found] == [
        "first", "", "second one, which is longer", Reader(4000, "US").read(CHINESE), "123", "third"
    ]  # fmt: skip
    assert [isinstance(item, Assessment) for item in found] == [
        True, False, True, False, False, True
    ]  # fmt: skip


def test_personal_data_is_gone_before_anything_is_scored(assessor: Assessor) -> None:
    found = assessor.assess(["I am ann@example.com, card 4111 1111 1111 1111, refund me!"])[0]
    assert found.text == "I am [email], card [card], refund me!"


def test_a_cap_holds_for_what_is_kept(assessor: Assessor) -> None:
    assert len(assessor.assess(["late " * 3000])[0].text) <= 4000


def test_an_assessment_carries_what_it_was_made_with(assessor: Assessor) -> None:
    found = assessor.assess(["where is my parcel"])[0]
    assert isinstance(found, Assessment)
    manifest = assessor.classifier.manifest
    assert found.model == f"{manifest.name}-{manifest.version}"
    assert found.severity_threshold == manifest.thresholds.severity
    assert (found.degraded, found.degraded_reason) == (False, None)


@pytest.mark.parametrize(
    "text",
    [
        "THIRD TIME my parcel is lost, you are liars and I am never buying here again!!",
        "This is a disgrace. Two months, no refund, nobody answers. Absolutely furious.",
        "you ruined my daughter's birthday, worst company ever, I hate you",
    ],
)
def test_fury_goes_to_a_person(assessor: Assessor, text: str) -> None:
    found = assessor.assess([text])[0]
    assert isinstance(found, Assessment)
    assert found.polarity is Polarity.NEGATIVE
    assert triage(found, intent=None).decision is Decision.ESCALATE


@pytest.mark.parametrize(
    "text",
    [
        "Hi, do you ship to Norway?",
        "Thanks a lot, the jacket fits and I love it!",
        "what are your opening hours please",
    ],
)
def test_calm_does_not(assessor: Assessor, text: str) -> None:
    assert triage(assessor.assess([text])[0], intent=None).decision is Decision.ANSWER


def test_small_talk_is_about_nothing_in_particular(assessor: Assessor) -> None:
    found = assessor.assess(["haha good one, see you on sunday"])[0]
    assert isinstance(found, Assessment)
    assert found.category == OTHER
    assert len(found.runners_up) == 3
