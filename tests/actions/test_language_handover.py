"""A shopper whose language the models do not read is told so in it, and a person gets the case."""

import pytest

from actions import services
from actions.assess_message import AssessMessage
from actions.escalate import Escalate
from actions.wait import Wait
from amends.settings import get_settings
from nlu.assessment import Polarity

BOTH = (AssessMessage(), Escalate())
GERMAN = "Mein Paket ist seit drei Wochen nicht angekommen"
CHINESE = "我的包裹三个星期了还没到"


@pytest.fixture(autouse=True)
def languages():
    """The n-grams are there, as they are once the server is ready."""
    services.languages.cache_clear()
    services.languages().warm_up()
    yield
    services.languages.cache_clear()


@pytest.fixture
def bilingual(monkeypatch):
    monkeypatch.setenv("AMENDS_LANGUAGES", "en,zh")
    get_settings.cache_clear()
    services.languages.cache_clear()


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        (GERMAN, "de", "Deutsch"),
        ("¿Dónde está mi pedido? Llevo semanas esperando", "es", "español"),
        (CHINESE, "zh", "中文"),
        ("Где мой заказ?", "ru", "по-русски"),
    ],
)
def test_a_shopper_is_told_in_their_language_and_handed_over(
    model, store, run, text, language, words
):
    said, tracker = run(BOTH, text)
    (ticket,) = store.list()

    assert tracker.slots["language"] == language
    assert tracker.slots["assessment"] is None
    assert tracker.slots["triage"]["rule"] == "other_language"
    assert words in said[0]
    assert ticket.reference in said[0]


def test_a_language_without_words_of_ours_is_told_in_english(model, store, run):
    said, tracker = run(BOTH, "Haluan rahani takaisin")

    assert tracker.slots["language"] == "fi"
    assert "English only" in said[0]


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("充电器起火了", "safety", "急救"),
        ("我不想活了", "self_harm", "心理援助热线"),
        ("我要找人工客服", "person", "编号"),
    ],
)
def test_what_cannot_wait_goes_first_though_nothing_reads_it(model, store, run, text, rule, words):
    said, tracker = run(BOTH, text)

    assert tracker.slots["triage"]["rule"] == rule
    assert words in said[0]
    assert store.list()[0].reference in said[0]


def test_a_language_that_the_models_read_is_scored(bilingual, model, store, run):
    _, tracker = run([AssessMessage()], CHINESE)

    assert tracker.slots["language"] == "zh"
    assert tracker.slots["assessment"]["text"] == CHINESE


def test_a_case_is_confirmed_in_chinese_with_its_category(bilingual, model, store, run):
    said, _ = run(BOTH, CHINESE)

    assert "（配送）" in said[0]
    assert store.list()[0].reference in said[0]
    assert "您前面没有人在等候。" in said[0]


def test_who_waits_is_told_in_chinese_how_it_goes_on(bilingual, model, store, run):
    run(BOTH, CHINESE, message_id="m0")
    model.changes = {"severity": 0.0, "complaint": 0.1}
    (told,), _ = run((AssessMessage(), Wait()), "好的，我等一下", message_id="m1")

    assert "您的问题已转给客服团队" in told
    assert "请助手回答" in told


@pytest.mark.parametrize("text", ["ok", "1042", "AM-7K2P9Q", "anna@example.com", "👍", "hola"])
def test_what_shows_no_language_is_answered_in_that_of_the_conversation(model, run, text):
    _, tracker = run([AssessMessage()], text, intent="greet")

    assert tracker.slots["language"] == "en"
    assert tracker.slots["triage"]["rule"] != "other_language"


@pytest.mark.parametrize("text", ["是", "好的，谢谢", "可以", "要"])
def test_a_yes_in_chinese_to_the_offer_of_a_person_reaches_one(bilingual, model, run, text):
    model.changes = {"severity": 0.0, "complaint": 0.0, "polarity": Polarity.NEUTRAL}
    slots = {"language": "zh", "asked": {"kind": "person", "message_id": "m0"}}
    _, tracker = run([AssessMessage()], text, intent="nlu_fallback", slots=slots)

    assert tracker.slots["triage"]["rule"] == "person"
