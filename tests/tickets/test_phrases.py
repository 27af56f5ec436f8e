"""The shipped phrases against messages that they must and must not hear."""

import time
from pathlib import Path

import pytest
import yaml

from tickets.phrases import Kind, shipped_phrases

MESSAGES = yaml.safe_load(Path(__file__).with_name("messages.yml").read_text(encoding="utf-8"))
HEARD = [
    (Kind(kind), text) for kind, block in MESSAGES["heard"].items() for text in block.splitlines()
]


def kind_of(text):
    found = shipped_phrases().find(text)
    return found and found.kind


@pytest.mark.parametrize(("kind", "text"), HEARD)
def test_words_that_call_for_a_person_are_heard(kind, text):
    assert kind_of(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "i want a hu\u200bman",
        "\uff28\uff35\uff2d\uff21\uff2e please",
        "I want a \U0001d421\U0001d42e\U0001d426\U0001d41a\U0001d427",
        "\U0001f64f human \U0001f64f",
    ],
)
def test_asking_for_a_person_is_heard_through_odd_signs(text):
    assert kind_of(text) is Kind.PERSON


@pytest.mark.parametrize("text", MESSAGES["no_request"].splitlines())
def test_not_asking_for_a_person(text):
    assert kind_of(text) is not Kind.PERSON


@pytest.mark.parametrize("text", MESSAGES["everyday"].splitlines())
def test_everyday_words_and_figures_of_speech_are_nothing(text):
    assert kind_of(text) is None


@pytest.mark.parametrize(
    "text",
    ["", " \n\t", "?!", "\U0001f621", "\0\x1b[31m", "привет", "\ud83d", "a" * 5000, "ab" * 2500],
)
def test_text_without_a_phrase_finds_nothing(text):
    assert kind_of(text) is None


def test_phrase_is_found_at_the_end_of_a_very_long_message():
    assert kind_of("where is my parcel " * 5000 + "i want a human") is Kind.PERSON


@pytest.mark.parametrize(
    "piece", ["ab", "a ", "a", "want ", "talk to the ", "it is 2 w ", "h u m a ", "! ", "\n", "my "]
)
def test_no_message_takes_the_search_long(piece):
    text = (piece * 100_000)[:100_000]
    began = time.process_time()
    shipped_phrases().find(text)
    assert time.process_time() - began < 3
