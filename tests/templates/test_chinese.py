"""What the shipped Chinese says: complete, without English, with the facts in their places."""

import re
from typing import get_args

import pytest
import yaml

from actions.forms.phrases import phrases
from amends.settings import ROOT
from nlu.assessment import OTHER, Intensity, Polarity
from nlu.category_file import read_categories
from nlu.policy_file import read_policies
from templates import ButtonTitles, Kind, Replies, Situation, last_words
from templates.kinds import FACTS
from templates.wordings import load_wordings
from tickets.notices import wording
from tickets.phrases import Kind as PhraseKind
from tickets.phrases import shipped_phrases

FOLDER = ROOT / "templates"
CATEGORIES = read_categories(ROOT / "nlu" / "categories.yml")
KINDS = sorted({kind for group in get_args(Kind) for kind in (get_args(group) or (group,))})
PAGES = [kind for kind in KINDS if kind != "answer"]
PAGES += [f"answer/{name}" for name in [*CATEGORIES.categories, OTHER]]
FACT = {name: f"⟨{name}⟩" for names in FACTS.values() for name in names}
LOADED = load_wordings(FOLDER)
WORDINGS = {
    wording.id: wording
    for wordings in LOADED.values()
    for wording in wordings
    if wording.group[0] == "zh"
}
EVERY = pytest.mark.parametrize("one", WORDINGS.values(), ids=WORDINGS)
ROUTE = "“人工客服”"
LATIN_ALLOWED = r"⟨\w+⟩|anna@example\.com"
PROMISES = (
    r"保证|一定会|马上(?:退|处理|解决|回复)|立刻|立即|尽快|分钟内|小时内|明天|会(?:退款|联系您|回电)|"
    r"赔偿|补偿"
)
SAYS_A_PERSON_HAS_IT = {
    "escalated",
    "appended",
    "handover_person",
    "handover_language",
    "safety",
    "self_harm",
}


@pytest.mark.parametrize("sheet", PAGES)
def test_every_kind_of_reply_is_there_in_chinese(sheet):
    assert (FOLDER / "zh" / f"{sheet}.j2").is_file(), f"write templates/zh/{sheet}.j2"


@pytest.mark.parametrize("sheet", PAGES)
def test_chinese_tells_moods_apart_where_english_does(sheet):
    groups = {group[2] for group in LOADED if group[:2] == ("en", sheet)}

    assert groups <= {group[2] for group in LOADED if group[:2] == ("zh", sheet)}


@EVERY
def test_no_english_is_left(one):
    said = re.sub(LATIN_ALLOWED, "", one.fill(FACT))

    assert not re.search("[A-Za-z]", said)


@EVERY
def test_it_is_short_and_calm(one):
    said = one.fill(dict.fromkeys(FACT, ""))

    assert len(said) <= 140
    assert not re.search("[!！?]", said)
    assert not re.search(PROMISES, said)
    assert "你" not in said  # 您 is how a shop speaks to its customers.


@pytest.mark.parametrize("sheet", PAGES)
def test_a_fact_of_the_english_words_is_in_the_chinese_ones(sheet):
    in_english, in_chinese = (_facts(language, sheet) for language in ("en", "zh"))

    assert in_english == in_chinese


def _facts(language, sheet):
    """The facts that every wording of a page has."""
    said = [
        set(re.findall(r"⟨\w+⟩", one.fill(FACT)))
        for group, ones in LOADED.items()
        if group[:2] == (language, sheet)
        for one in ones
    ]
    return set.intersection(*said)


@EVERY
def test_only_what_was_saved_carries_a_reference(one):
    said = one.fill(FACT)

    if one.kind in SAYS_A_PERSON_HAS_IT:
        assert said.count("⟨reference⟩") == 1
    elif "reference" not in FACTS.get(one.kind, ()):
        assert "编号是" not in said


@pytest.mark.parametrize(
    "one", [w for w in WORDINGS.values() if w.kind == "answer"], ids=lambda one: one.id
)
def test_an_answer_offers_a_person_in_words_that_reach_one(one):
    assert ROUTE in one.fill({})


@pytest.mark.parametrize("text", ["人工客服", "人工客服，订单48213", "48213 人工客服", ROUTE])
def test_the_words_that_the_replies_ask_for_reach_a_person(text):
    assert shipped_phrases().find(text).kind is PhraseKind.PERSON


def test_a_situation_is_never_answered_in_english():
    replies = Replies(FOLDER)
    for sheet in PAGES:
        kind, _, category = sheet.partition("/")
        for polarity in Polarity:
            situation = Situation(
                kind=kind,
                language="zh",
                category=category or OTHER,
                polarity=polarity,
                intensity=Intensity.STRONG,
                facts=FACT,
            )
            assert all(reply.id.startswith("zh/") for reply in replies.all(situation))


def test_buttons_and_what_is_said_without_templates_are_there():
    titles = ButtonTitles(FOLDER)
    keys = yaml.safe_load((FOLDER / "en" / "buttons.yml").read_text("utf-8"))

    assert not [key for key in keys if re.search("[A-Za-z]", titles.of(key, "zh"))]
    assert last_words("zh") != last_words("en")


@pytest.mark.parametrize("key", ["person"])
def test_a_button_for_a_person_reaches_one(key):
    title = ButtonTitles(FOLDER).of(key, "zh")

    assert shipped_phrases().find(title).kind is PhraseKind.PERSON


@pytest.mark.parametrize("name", CATEGORIES.categories)
def test_a_category_has_a_name_in_chinese(name):
    assert not re.search("[A-Za-z]", CATEGORIES.label(name, "zh"))
    assert CATEGORIES.label(name, "fr") == CATEGORIES.label(name)


def test_the_policies_are_those_of_the_english_file():
    english, chinese = (read_policies(FOLDER / "policies")[code] for code in ("en", "zh"))

    assert [s.intents for s in chinese.sections] == [s.intents for s in english.sections]
    for ours, theirs in zip(chinese.sections, english.sections, strict=True):
        assert len(ours.facts) == len(theirs.facts), ours.heading
        numbers = [re.findall(r"\d+(?:\.\d+)?", one.text) for one in (*ours.facts,)]
        expected = [re.findall(r"\d+(?:\.\d+)?", one.text) for one in (*theirs.facts,)]
        assert numbers == expected, ours.heading


def test_the_words_of_the_forms_have_the_keys_of_the_english_ones():
    english, chinese = (phrases(FOLDER, code) for code in ("en", "zh"))

    for table in ("tasks", "tasks_of_order", "instead", "refund_state", "why"):
        assert set(getattr(chinese, table)) == set(getattr(english, table)), table
    assert {key: set(table) for key, table in chinese.why.items()} == {
        key: set(table) for key, table in english.why.items()
    }


def test_notices_send_a_shopper_to_a_person_by_words_that_work():
    said = str(wording("zh"))

    assert "person" not in said
    assert said.count(ROUTE) >= 3
