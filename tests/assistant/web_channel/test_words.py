import re
from string import Formatter

import pytest
import yaml

from assistant.web_channel.words import FOLDER, KEYS, Words, WordsError

FACTS = {"name": "Mia", "seconds": 3, "max_chars": 4000, "max_megabytes": 5}
LANGUAGES = sorted(file.stem for file in FOLDER.glob("*.yml"))


def test_english_and_chinese_come_with_it():
    assert {"en", "zh"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_every_sentence_is_there_and_reads_well(language, key):
    sentence = Words.load().say(key, language, **FACTS)
    assert not re.search(r"[{}!]|\n|  ", sentence)
    own = yaml.safe_load((FOLDER / f"{language}.yml").read_text(encoding="utf-8"))
    assert key in own
    used = {name for _, name, _, _ in Formatter().parse(own[key]) if name}
    assert used == KEYS[key]


@pytest.mark.parametrize("key", [key for key in KEYS if key not in {"kept", "kept_for_agent"}])
def test_nothing_is_called_saved_that_is_not(key):
    sentence = Words.load().say(key, "en", **FACTS)
    assert ("is saved" in sentence) == (key == "kept_for_colleague")


@pytest.mark.parametrize(
    ("asked", "language"),
    [("zh", "zh"), ("zh-CN", "zh"), ("ZH_Hant", "zh"), ("xx", "en"), ("", "en"), ("-", "en")],
)
def test_language_is_found_or_english(asked, language):
    words = Words.load()
    assert words.say("late", asked) == words.say("late", language)


def folder_with(tmp_path, **languages):
    for language, text in {"en": (FOLDER / "en.yml").read_text(), **languages}.items():
        (tmp_path / f"{language}.yml").write_text(text)
    return tmp_path


def test_a_language_may_lack_a_sentence(tmp_path):
    words = Words.load(folder_with(tmp_path, de='late: "Das dauert zu lange."'))
    assert words.say("late", "de") == "Das dauert zu lange."
    assert words.say("broken", "de") == words.say("broken", "en")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lat: x", r"de\.yml: expected one of action_failed, .*found the key lat\. Correct"),
        ("late: '{name} x'", r"late: expected no facts but none, found name\. Take them out"),
        ("too_many: '{wait}'", r"expected no facts but seconds, found wait"),
        ("late: '{'", r"late: expected facts as \{name\}, found"),
        ("- late", r"expected lines of `key: sentence`, found something else"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path, text, message):
    with pytest.raises(WordsError, match=message):
        Words.load(folder_with(tmp_path, de=text))


def test_english_must_be_complete(tmp_path):
    with pytest.raises(WordsError, match=r"en\.yml: .*found none for .*broken.*\. Add it"):
        Words.load(folder_with(tmp_path, en="late: x"))
