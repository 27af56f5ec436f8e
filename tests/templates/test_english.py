"""What the shipped English says, to every situation that there is."""

import re
from pathlib import Path
from statistics import mean
from typing import get_args

import emoji
import pytest

from amends.settings import ROOT
from nlu.assessment import OTHER, Intensity, Polarity
from nlu.category_file import read_categories
from templates import Kind, Replies, Situation, last_words
from templates.form_kinds import FORM_FACTS
from templates.wordings import load_wordings
from tickets.phrases import Kind as PhraseKind
from tickets.phrases import shipped_phrases

FOLDER = ROOT / "templates"
CATEGORIES = [*read_categories(ROOT / "nlu" / "categories.yml").categories, OTHER]
FACTS = {
    **{fact: fact for facts in FORM_FACTS.values() for fact in facts},
    "email": "a...@example.com",
    "reference": "AM-7K2P9Q",
    "category_label": "your delivery",
    "quote": "Lamps are lit by hand.",
    "heading": "Lamps",
    "line": "7",
    "quote_2": "",
    "heading_2": "",
    "line_2": "",
    "first": "your delivery",
    "second": "your return or refund",
    "others": "a payment or bill",
    "expectation": "Our team is there until 17:00 on Tuesday. Nobody is waiting before you.",
}
WITH_REFERENCE = {
    "escalated",
    "appended",
    "handover_person",
    "handover_language",
    "safety",
    "self_harm",
}
HANDS_OVER = WITH_REFERENCE | {"escalation_failed", "safety_failed", "self_harm_failed"}
ROUTE = '"a person, please"'

PROMISES = (
    r"within|hours?|minutes? from|tomorrow|today|soon|shortly|immediately|right away|asap|"
    r"at once|straight ?away|guarantee\w*|promise\w*|assur\w+|certainly|definitely|"
    r"refund you|get your money|compensat\w+|voucher|discount|free of charge|"
    r"will (?:refund|replace|repair|send|fix|resolve|solve|answer|reply|contact|call|be in touch)|"
    r"(?:colleague|person|team|we) will|never happen again|top priority|investigat\w+"
)
CLICHES = (
    r"understand how you|understand your|hear you|calm down|inconvenience|unfortunately|valued|"
    r"apologi[sz]e\w*|deeply|so sorry|terribly|sincere\w*|rest assured|bear with|patient|"
    r"your fault|your mistake|you forgot|you failed|you should have (?:checked|read|told)|"
    r"as i said|actually|obviously|policy"
)
CLAIMS = (
    r"AM-|ticket|(?:your|open|an?) case\b|"
    r"i have (?:passed|added|recorded|opened|told|informed|escalated)|"
    r"your reference|has your message|\bis (?:now )?(?:with|recorded|part)"
)

WORDINGS = {
    wording.id: (wording, wording.fill(FACTS))
    for wordings in load_wordings(FOLDER).values()
    for wording in wordings
    if wording.id.startswith("en/")
}
ALL = pytest.mark.parametrize(("wording", "text"), WORDINGS.values(), ids=WORDINGS)


def some(*groups, kinds=("answer",)):
    """The wordings of these kinds, of these groups if any are named."""
    chosen = {
        name: (wording, text)
        for name, (wording, text) in WORDINGS.items()
        if wording.kind in kinds and (not groups or wording.group[2] in groups)
    }
    return pytest.mark.parametrize(("wording", "text"), chosen.values(), ids=chosen)


def situations():
    for kind in get_args(Kind):
        for category in CATEGORIES if kind == "answer" else [OTHER]:
            for polarity in Polarity:
                for intensity in Intensity:
                    yield Situation(
                        kind=kind,
                        language="en",
                        category=category,
                        polarity=polarity,
                        intensity=intensity,
                        facts=FACTS,
                    )


@pytest.fixture(scope="module")
def replies():
    return Replies(FOLDER)


def test_every_situation_has_words_and_never_the_same_twice_in_a_row(replies):
    for situation in situations():
        last, seen = None, set()
        for _ in range(40):
            reply = replies.render(situation, last)
            assert reply.id != last, situation
            assert reply.text
            last = reply.id
            seen.add(reply.text)
        assert len(seen) >= 2, situation


def test_moods_taking_turns_never_repeat_words_either(replies):
    last = None
    for intensity in [*Intensity] * 50:
        situation = Situation(
            kind="answer",
            language="en",
            category="delivery",
            polarity=Polarity.NEGATIVE,
            intensity=intensity,
        )
        reply = replies.render(situation, last)
        assert reply.id != last
        last = reply.id


def test_no_two_wordings_are_the_same():
    texts = [text for _, text in WORDINGS.values()]

    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize(
    ("group", "fewest"), [("negative", 3), ("negative_strong", 3), ("neutral", 2)]
)
def test_every_category_has_words_of_its_own(category, group, fewest):
    page = f"en/answer/{category}"
    own = [
        name for name, (wording, _) in WORDINGS.items() if wording.group == ("en", page[3:], group)
    ]

    assert len(own) >= fewest


def test_every_answer_page_is_a_category_of_the_shop():
    pages = {path.stem for path in Path(FOLDER / "en" / "answer").glob("*.j2")}

    assert pages == set(CATEGORIES)


@ALL
def test_promises_nothing_that_cannot_be_kept(wording, text):
    assert not re.search(rf"\b(?:{PROMISES})\b", text, re.IGNORECASE)


@ALL
def test_says_no_cliche_and_blames_nobody(wording, text):
    assert not re.search(rf"\b(?:{CLICHES})\b", text, re.IGNORECASE)


@ALL
def test_is_short_plain_text_without_shouting(wording, text):
    assert len(re.findall(r"[.?!](?:\s|$)", text)) <= 4
    assert len(text) <= 340
    assert "!" not in text
    assert not emoji.emoji_count(text)
    assert text.isascii()


@some()
def test_an_answer_takes_three_sentences_at_most(wording, text):
    assert len(re.findall(r"[.?](?:\s|$)", text)) <= 3


@some("negative_strong")
def test_the_upset_read_less(wording, text):
    language, page, _ = wording.group
    calm = [t for w, t in WORDINGS.values() if w.group == (language, page, "negative")]

    assert len(text) <= 210
    assert len(text) < mean(map(len, calm))


@some("negative", "negative_strong", "neutral")
def test_an_answer_offers_a_person_in_words_that_reach_one(wording, text):
    assert ROUTE in text


@pytest.mark.parametrize(
    "message",
    [
        "a person, please",
        "A person, please. Order number 48213377",
        "48213377 a person please",
        '"a person, please" the code is SPRING20 and it does not work',
    ],
)
def test_the_words_that_the_replies_ask_for_reach_a_person(message):
    found = shipped_phrases().find(message)

    assert found is not None
    assert found.kind is PhraseKind.PERSON


@some()
def test_an_answer_claims_no_ticket(wording, text):
    assert not re.search(CLAIMS, text, re.IGNORECASE)


@some(kinds=WITH_REFERENCE)
def test_what_was_handed_over_carries_its_reference(wording, text):
    assert text.count(FACTS["reference"]) == 1


@some(kinds={"escalated", "appended"})
def test_a_confirmation_says_what_the_case_is_about(wording, text):
    assert "about your delivery" in text


@some(kinds={"suggested"})
def test_what_an_agent_may_start_from_reads_well_with_and_without_a_category(wording, text):
    said = wording.fill({**FACTS, "category_label": ""})

    assert "about your delivery" in text
    assert "about" not in said.replace("about the trouble", "")
    assert not re.search(r" [,.;]|[,;][,.;]", said)


@some(kinds={"escalated", "appended"})
def test_a_confirmation_of_what_fits_no_category_names_none(wording, text):
    said = wording.fill({**FACTS, "category_label": ""})

    assert "about" not in said
    assert not re.search(r" [,.;]|[,;][,.;]", said)
    assert said.count(FACTS["reference"]) == 1
    assert len(said) < len(text)


@some(kinds={"escalated", "appended", "handover_person", "case_waiting"})
def test_who_waits_reads_when_the_team_is_there_or_nothing_of_it(wording, text):
    assert FACTS["expectation"] in text
    said = wording.fill({**FACTS, "expectation": ""})
    assert not re.search(r" [,.;]|[,;][,.;]", said)


@some(kinds={"case_waiting", "case_claimed", "case_closed"})
def test_news_of_a_case_name_it_and_the_way_to_a_person(wording, text):
    assert text.count(FACTS["reference"]) == 1
    assert ROUTE in text


@some(kinds={"case_unknown"})
def test_of_a_case_of_somebody_else_nothing_is_said(wording, text):
    assert not re.search(r"another|else|someone|different", text)
    assert ROUTE in text


@some(kinds={"escalation_failed", "safety_failed"})
def test_a_failed_handover_claims_nothing_and_names_another_way(wording, text):
    assert not re.search(CLAIMS, text, re.IGNORECASE)
    assert "contact page" in text
    assert "again" in text or "also" in text or "once more" in text


@some(kinds={"safety", "safety_failed"})
def test_safety_comes_before_everything_else(wording, text):
    help_comes = re.search(r"local emergency (?:services|number)", text)
    stop = re.search(r"stop using", text, re.IGNORECASE)
    handover = re.search(r"our team", text)

    assert max(help_comes.start(), stop.start()) < handover.start()


@some(kinds={"handover_language"})
def test_one_who_reads_little_english_gets_short_sentences(wording, text):
    assert max(len(sentence.split()) for sentence in re.split(r"[.:,]", text)) <= 8
    assert "English only" in text


def test_last_words_keep_the_same_manners():
    assert not re.search(rf"\b(?:{PROMISES}|{CLICHES})\b", last_words("en"), re.IGNORECASE)
    assert "!" not in last_words("en")
