"""Words of a message, and the tokens that each becomes."""

import pytest

from nlu.classifier import Classifier
from nlu.text import SHOUTED_MARK, prepare
from nlu.words import Reading, Word, only, without, words_of

ODD = [
    "",
    " ",
    ". , ;",
    "the kettle leaks, and nobody answers",
    "STILL NO KETTLE, are you asleep?!",
    "soooooo late!!!!!! grrrrr",
    "asked @TeapotShop twice (@KettleHelp too).@someone",
    "see https://example.com/a_b?c=1 and www.example.org, then #kettle #no_tea",
    "tea &amp; scones &lt;3 R&amp;D",
    "broken 😡😡 again👍🏽, really ❤️",
    "mail [email], call [phone]",
    "it's a half-full, so-called 'new' kettle :( ... ok",
    "_leaks_ my_order *now*",
    "l\u0301ate na\u00efve \u201cfine\u201d",
]


def texts_of(text: str) -> list[str]:
    return [text[word.start : word.end] for word in words_of(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (". , ;", []),
        ("it's late, again.", ["it's", "late", "again"]),
        ("half-full kettle!!!", ["half-full", "kettle", "!!!"]),
        ("why? :( ...", ["why", "?", ":(", "..."]),
        ("😡👍🏽 ok", ["😡", "👍🏽", "ok"]),
        ("[ip] @shop #tea www.example.org/a,b", ["[ip]", "@shop", "tea", "www.example.org/a,b"]),
        ("tea &amp; milk", ["tea", "&amp;", "milk"]),
    ],
)  # fmt: skip
def test_words(text: str, words: list[str]) -> None:
    assert texts_of(text) == words


@pytest.mark.parametrize("text", ODD)
def test_reading_is_what_the_classifier_reads(classifier: Classifier, text: str) -> None:
    mine = classifier.tokens_of_prepared([Reading(text).text])["input_ids"]
    assert mine.tolist() == classifier.tokens([text])["input_ids"].tolist()
    assert Reading(text).words == words_of(text)


@pytest.mark.parametrize("text", ODD)
def test_every_token_of_a_word_comes_from_it(classifier: Classifier, text: str) -> None:
    """Each word alone makes the tokens that it is said to have made in the message."""
    reading = Reading(text)
    tokens = classifier.tokens_of_prepared([reading.text])
    sources = reading.sources(tokens.encodings[0].offsets)
    for place, word in enumerate(reading.words):
        of_word = [
            token
            for token, source in zip(tokens["input_ids"][0].tolist(), sources, strict=True)
            if source == place
        ]
        alone = classifier.tokens_of_prepared([prepare(text[word.start : word.end])])
        assert of_word == alone["input_ids"][0].tolist()[1:-1]


def test_the_mark_of_shouting_comes_from_no_word() -> None:
    reading = Reading("WHERE IS MY KETTLE")
    assert reading.shouted
    assert reading.text == f"{SHOUTED_MARK}WHERE IS MY KETTLE"
    mark, first = len(SHOUTED_MARK), len(SHOUTED_MARK) + len("WHERE")
    assert reading.sources([(0, mark), (mark, first), (0, 0)]) == [None, 0, None]


def test_a_word_of_capitals_with_a_hyphen_does_not_shout_by_itself() -> None:
    assert Reading("my THREE-PIECE tea set has come with a lid too many").text.startswith(
        "my THREE"
    )


def test_without_and_only() -> None:
    text = "late, late again 😡!"
    first, _, again, angry, _ = words_of(text)
    assert without(text, [first, angry]) == ", late again !"
    assert without(text, []) == text
    assert without(text, words_of(text)) == ","
    assert only(text, [again, first]) == "late again"
    assert first == Word(0, 4)
