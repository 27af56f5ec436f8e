"""What a form reads in a message: clear words, addresses, articles, quantities."""

import re
import shutil

import pytest

from actions.forms.addresses import parts_of
from actions.forms.answers import answered
from actions.forms.facts import listed, masked_email, money
from actions.forms.hearing import hear
from actions.forms.phrases import phrases
from actions.forms.state import Question, Task
from amends.settings import ROOT
from nlu.assessment import Polarity
from templates import Situation, TemplateError
from templates.form_kinds import FORM_FACTS

TEMPLATES = ROOT / "templates"
ENGLISH = phrases(TEMPLATES, "en")
CHINESE = phrases(TEMPLATES, "zh")


def said(text, intent=None, confidence=0.9, words=ENGLISH):
    return hear(text, text, words, intent, confidence if intent else 0.0)


@pytest.mark.parametrize("text", ["Yes", "yes please", "OK, go ahead.", "Sure", "yes, do it", "y"])
def test_a_clear_yes(text):
    assert said(text).yes
    assert not said(text).no


@pytest.mark.parametrize(
    "text",
    ["yes but", "yes, no", "yes?", "yesterday", "I said yes to the other one", "ok stop", ""],
)
def test_no_clear_yes(text):
    assert not said(text).yes


@pytest.mark.parametrize(
    "text", ["no", "No thanks", "nope", "don't cancel it", "no, leave the mug"]
)
def test_a_no(text):
    assert said(text).no
    assert not said(text).yes


@pytest.mark.parametrize(
    ("text", "confidence", "yes"),
    [
        ("that would be lovely", 0.9, True),
        ("that would be lovely", 0.5, False),
        ("lovely but wait", 0.9, False),
        ("that would be lovely I suppose and while you are there", 0.9, False),
    ],
)
def test_an_intent_counts_as_a_yes_when_it_is_sure_and_short(text, confidence, yes):
    assert said(text, "affirm", confidence).yes is yes


@pytest.mark.parametrize(
    "text", ["stop", "Stop!", "never mind, I found it", "ok, forget it", "oh just leave it"]
)
def test_stop(text):
    assert said(text).stop


@pytest.mark.parametrize(
    "text",
    [
        "stop the parcel",
        "it won't stop leaking",
        "they told me to stop, then it broke, sadly",
        "I quit smoking",
    ],
)
def test_no_stop(text):
    assert not said(text).stop


@pytest.mark.parametrize(
    ("text", "intent", "clear"),
    [
        ("是的", None, "yes"),
        ("好的，谢谢", None, "yes"),
        ("不用了", None, "no"),
        ("是的但是不要杯子", "affirm", None),
        ("算了", None, "stop"),
        ("算了，我找到了", None, "stop"),
        ("可以吗？", "affirm", None),
    ],
)
def test_chinese_is_as_clear(text, intent, clear):
    heard = said(text, intent, words=CHINESE)

    assert [name for name in ("yes", "no", "stop") if getattr(heard, name)] == [clear] * bool(clear)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("12 Mill Lane, York YO1 7HH", ("12 Mill Lane", "YO1 7HH", "York", None)),
        ("12 Mill Lane\nYork\nyo1 7hh\nUK", ("12 Mill Lane", "YO1 7HH", "York", "GB")),
        ("Hauptstr. 5, 10115 Berlin", ("Hauptstr. 5", "10115", "Berlin", None)),
        ("Hauptstr. 5 10115 Berlin", ("Hauptstr. 5", "10115", "Berlin", None)),
        ("Damrak 1, 1012 LG Amsterdam, NL", ("Damrak 1", "1012 LG", "Amsterdam", "NL")),
        ("350 5th Ave, New York, NY 10118, USA", ("350 5th Ave", "NY 10118", "New York", "US")),
        ("Anna Bell, 3 Mill Lane, York YO1 7HH", ("3 Mill Lane", "YO1 7HH", "York", None)),
        ("3 Mill Lane", ("3 Mill Lane", None, None, None)),
        ("{{7*7}}", (None, None, None, None)),
    ],
)
def test_an_address_in_one_message(text, parts):
    found = parts_of(text, Question.STREET, ENGLISH.countries)

    assert tuple(found.get(part) for part in ("street", "postcode", "city", "country")) == parts


@pytest.mark.parametrize(
    ("asked", "text", "found"),
    [
        (Question.POSTCODE, "10115", {"postcode": "10115"}),
        (Question.POSTCODE, "10115 Berlin", {"postcode": "10115", "city": "Berlin"}),
        (Question.POSTCODE, "no idea at all about that one", {}),
        (Question.CITY, "Zürich", {"city": "Zürich"}),
        (Question.CITY, "what does that cost?", {}),
        (Question.CITY, "x" * 61, {}),
        (Question.STREET, "1 " + "x" * 130, {}),
    ],
)
def test_an_address_part_by_part(asked, text, found):
    assert parts_of(text, asked, ENGLISH.countries) == found


@pytest.fixture
def task(shop):
    order = shop.find("A10234", "robin@example.com")
    return Task(form="refund_form", number="A10234", order=order, question=Question.LINES)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("1", [0]),
        ("1 and 2", [0, 1]),
        ("1, 2", [0, 1]),
        ("2. 2 × Harbour mug", [1]),
        ("the mugs", [1]),
        ("Harbour mug and the kettle", [0, 1]),
        ("everything", [0, 1]),
        ("3", []),
        ("the sofa", []),
    ],
)
def test_articles(task, text, places):
    found = answered(task, said(text), ENGLISH)

    ids = [task.order.lines[place].id for place in places]
    assert list(found.values.lines if found else ()) == ids


def test_only_one_article_is_changed_at_a_time(task):
    task = task.but(question=Question.LINE)

    assert answered(task, said("1 and 2"), ENGLISH) is None
    assert answered(task, said("the kettle"), ENGLISH).values.lines == (task.order.lines[0].id,)


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("3", 3),
        ("make it 3 please.", 3),
        ("three", 3),
        ("x4", 4),
        ("remove it", 0),
        ("0", 0),
        ("2", None),  # as it is
        ("3 or 4", None),
        ("-1", None),
        ("2.5", None),
        ("100", None),
        ("many", None),
    ],
)
def test_quantities(task, text, quantity):
    mugs = task.order.lines[1]
    task = task.but(question=Question.QUANTITY).knowing(lines=(mugs.id,))
    found = answered(task, said(text), ENGLISH)

    assert (found.values.quantity if found else None) == quantity


def test_small_words():
    from decimal import Decimal

    assert money(Decimal("36.00"), "EUR") == "€ 36"
    assert money(Decimal("12.5"), "CHF") == "CHF 12.50"
    assert masked_email("anna.bell@example.com") == "a…@example.com"
    assert listed(["a"], ENGLISH) == "a"
    assert listed(["a", "b", "c"], ENGLISH) == "a, b and c"


def test_a_language_without_the_file_uses_the_english_one():
    assert phrases(TEMPLATES, "de") == ENGLISH


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("stop: [", "halt: [", "stop: Field required"),
        ("  paid: has been paid out", "", "refund_state: expected every key, found none of paid"),
        ("weekdays: [Monday, ", "weekdays: [", "weekdays: "),
        ("date: ", "date ", "expected YAML in UTF-8"),
    ],
)
def test_a_file_with_a_gap_is_refused(tmp_path, old, new, message):
    (tmp_path / "en").mkdir()
    shutil.copy(TEMPLATES / "en" / "forms.yml", tmp_path / "en")
    path = tmp_path / "en" / "forms.yml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))

    with pytest.raises(TemplateError, match=message) as raised:
        phrases(tmp_path, "en")
    assert str(path) in str(raised.value)


BESIDE_A_QUESTION = (
    "form_expect",
    "form_explain_confirm",
    "form_hello",
    "form_later",
    "form_mood",
    "form_offer_person",
    "form_program",
    "form_sympathy",
    "form_verify_again",
    "form_welcome",
)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", BESIDE_A_QUESTION)
def test_what_is_said_beside_a_confirmation_asks_nothing_itself(replies, kind, language):
    """A yes to two questions at once could cancel an order of somebody who wanted a person."""
    facts = dict.fromkeys(FORM_FACTS.get(kind, ()), "x")

    for polarity in Polarity:
        situation = Situation(kind=kind, language=language, polarity=polarity, facts=facts)
        for reply in replies.all(situation):
            assert not re.search(r"[?\uff1f]", reply.text), reply
