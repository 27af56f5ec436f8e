"""Which language a message is in: a false alarm costs an English shopper their answer."""

import time
from pathlib import Path

import pytest
import yaml

from amends.settings import load_settings
from nlu.languages import Languages

MESSAGES = yaml.safe_load(Path(__file__).with_name("messages_by_language.yml").read_text("utf-8"))
OTHERS = [language for language in MESSAGES if language != "en"]
FALSE_ALARMS = 0.01
FOUND = 0.95


@pytest.fixture(scope="module")
def languages():
    made = Languages(load_settings())
    made.warm_up()
    return made


@pytest.fixture
def bilingual():
    return Languages(load_settings().model_copy(update={"languages": ("en", "zh")}))


def test_there_are_messages_enough_to_measure_by():
    assert len(MESSAGES["en"]) >= 150
    assert len(OTHERS) >= 17
    assert min(len(MESSAGES[language]) for language in OTHERS) >= 20


def test_short_and_noisy_english_is_english(languages):
    taken = [text for text in MESSAGES["en"] if languages.read(text).language != "en"]

    assert len(taken) <= FALSE_ALARMS * len(MESSAGES["en"]), taken


@pytest.mark.parametrize(
    "text",
    ["purple flib norgle", "flib norgle tant", "abc 1\n" * 50, "blorp zink vafty", "flib norgle"],
)
def test_nonsense_is_no_language(text, languages):
    assert languages.read(text).language == "en"


@pytest.mark.parametrize("language", OTHERS)
def test_another_language_is_told_and_never_read(language, languages):
    heard = [languages.read(text) for text in MESSAGES[language]]
    right = [one.language == language for one in heard]

    assert sum(right) >= FOUND * len(right)
    assert not any(one.readable for one in heard if one.language == language)


@pytest.mark.parametrize(
    "text", ["Haluan rahani takaisin", "Köszönöm a segítséget", "Không, tôi muốn hoàn tiền"]
)
def test_a_language_of_which_little_is_known_is_not_taken_for_english(text, languages):
    assert not languages.read(text).readable


@pytest.mark.parametrize("text", ["ok", "👍", "1042", "AM-4821", "Müller", "", "???", "a@b.com"])
@pytest.mark.parametrize("before", ["en", "zh", "de"])
def test_what_shows_no_language_stays_with_that_of_the_conversation(text, before, languages):
    assert languages.read(text, before).language == before


def test_a_clear_change_of_language_is_followed(languages):
    assert languages.read("Wo ist meine Bestellung?", "en").language == "de"
    assert languages.read("where is my order please", "zh").language == "en"
    assert languages.read("I can write in English too", "de").readable


def test_a_shopper_once_misheard_is_heard_again(languages):
    """What was taken for another language must not stay so for all that follows."""
    assert languages.read("no it is still broken", "nl") == languages.read("it is broken")


@pytest.mark.parametrize("text", ["我的iPhone 15 Pro坏了", "这个lamp怎么退货", "hello, 你好"])
def test_names_in_latin_letters_do_not_make_chinese_english(text, languages):
    assert languages.read(text).language == "zh"


def test_a_foreign_name_does_not_make_english_foreign(languages):
    assert languages.read("the 茶壺 set that I ordered is broken").language == "en"
    assert languages.read("my Fjällräven Kånken backpack is torn").language == "en"


def test_a_script_in_which_nothing_is_known_leaves_the_language_as_it_was(languages):
    assert languages.read("ფული დამიბრუნეთ", "en").language == "en"


def test_what_the_models_read_is_what_the_setting_says(bilingual):
    assert bilingual.read("我要退款").readable
    assert not bilingual.read("Ich will mein Geld zurück").readable
    assert bilingual.read("1042", "zh").readable


def test_a_long_message_takes_no_longer_than_its_first_words(languages):
    words = " ".join(["the parcel is late and nobody answers"] * 500)

    assert languages.read(words).language == "en"


@pytest.mark.parametrize("sign", ["a", "\u0449", "\u4e2d", "a ", "a@", "\ufdfa", "!"])
def test_a_huge_message_takes_no_longer_than_others(sign, languages):
    start = time.perf_counter()
    languages.read(sign * 100_000)

    assert time.perf_counter() - start < 0.5
