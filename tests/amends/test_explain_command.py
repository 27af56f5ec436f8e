"""`amends explain` with the shipped model, in a pipe and on a terminal."""

import json
import os
import pty
import re
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner

from amends.cli import app
from amends.commands.explain import explain
from amends.settings import load_settings
from nlu.assessor import Assessor
from nlu.category_file import read_categories
from nlu.evidence import EvidencedAssessor

BROKEN = "the kettle is broken and I am furious"
FIELDS = [
    "text",
    "polarity",
    "polarity_probs",
    "valence",
    "intensity",
    "complaint",
    "subjectivity",
    "severity",
    "severity_threshold",
    "words",
    "evidence",
    "category",
    "similarity",
    "runners_up",
    "nearest_examples",
    "decision",
    "rule",
    "detail",
    "model",
]


@pytest.fixture(scope="module")
def assessor():
    return Assessor.load(load_settings())


@pytest.fixture
def explained(assessor, monkeypatch):
    """Explains in a pipe, with the one real model in place of loading it for each test."""
    monkeypatch.setattr("amends.commands.explain._load", lambda: assessor)

    def run(text):
        result = CliRunner().invoke(app, ["explain", "--text", text])
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return json.loads(result.stdout)

    return run


def words(found):
    return [word["text"] for word in found]


def test_a_pipe_gets_one_object_that_says_why(explained):
    found = explained(BROKEN)
    assert list(found) == FIELDS
    assert (found["polarity"], found["decision"], found["rule"]) == (
        "negative", "escalate", "strong_negative"
    )  # fmt: skip
    assert found["detail"].startswith("severity ")
    assert words(found["words"]) == BROKEN.split()
    assert {"broken", "furious"} <= set(words(found["evidence"]["words"]))
    assert all(BROKEN[word["start"] : word["end"]] == word["text"] for word in found["words"])


def test_the_words_are_those_that_an_assessment_is_stored_with(explained, assessor):
    text = "THIRD time the lamp is cracked 😡, this is a disgrace, shame on you"
    (stored,) = EvidencedAssessor(assessor, 600).assess([text])
    assert explained(text)["evidence"] == stored.evidence.model_dump(mode="json")


def test_the_nearest_examples_are_of_the_category(explained):
    found = explained("the courier left my parcel in the rain")
    examples = read_categories(load_settings().categories_file).categories["delivery"].examples
    nearest = found["nearest_examples"]
    assert found["category"] == "delivery"
    assert {near["example"] for near in nearest} <= set(examples)
    assert [near["similarity"] for near in nearest] == sorted(
        (near["similarity"] for near in nearest), reverse=True
    )


def test_an_example_is_nearest_to_itself(explained):
    category = read_categories(load_settings().categories_file).categories["delivery"]
    for example in category.examples[:2]:
        found = explained(example)
        assert found["category"] == "delivery"
        assert found["nearest_examples"][0] == {"example": example, "similarity": 1.0}


def test_small_talk_has_the_nearest_examples_of_other(explained):
    found = explained("haha good one, see you on sunday")
    others = read_categories(load_settings().categories_file).other_examples
    assert found["category"] == "other"
    assert {near["example"] for near in found["nearest_examples"]} <= set(others)


def test_words_of_a_phrase_win_over_scores(explained):
    found = explained("thank you, I want to talk to a human")
    assert (found["decision"], found["rule"]) == ("escalate", "person")


def test_personal_data_is_masked(explained):
    found = explained("I am ann@example.com and my card 4111 1111 1111 1111 was charged twice!")
    assert found["text"] == "I am [email] and my card [card] was charged twice!"
    assert "4111" not in json.dumps(found)


@pytest.mark.parametrize("text", ["?! 42", "\u043f\u043e\u0441\u044b\u043b\u043a\u0430"])
def test_what_cannot_be_read_has_a_rule_and_no_words(explained, text):
    found = explained(text)
    assert list(found) == FIELDS
    assert (found["words"], found["evidence"]["words"], found["nearest_examples"]) == ([], [], [])
    assert found["rule"] in {"no_text", "other_script"}
    assert found["polarity"] is None


@pytest.mark.parametrize(
    "text",
    ["😡", "late", "so late " * 12_500, "x" * 100_000, "a\x00b\x1b[2J"],
    ids=["emoji", "one word", "100 kB of words", "100 kB of one letter", "control characters"],
)
def test_any_other_text_is_explained(explained, text):
    found = explained(text)
    assert found["words"]
    assert "\x1b" not in found["text"]


@pytest.mark.parametrize("text", ["", "  \t"])
def test_blank_text_is_an_error_before_the_model_is_loaded(text, monkeypatch):
    monkeypatch.setattr("amends.commands.explain._load", lambda: pytest.fail("loaded"))
    result = CliRunner().invoke(app, ["explain", "--text", text])
    assert result.exit_code == 1
    assert result.stderr == (
        "amends: --text: expected a message, found no words. Put it in quotes after --text.\n"
    )


def test_help_teaches():
    result = CliRunner(env={"COLUMNS": "120"}).invoke(app, ["explain", "--help"])
    assert "Example: amends explain --text" in result.stdout


@pytest.fixture
def on_a_terminal(assessor, monkeypatch):
    """What is printed on a real terminal, 100 columns wide."""
    monkeypatch.setattr("amends.commands.explain._load", lambda: assessor)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm-256color")

    def run(text):
        terminal, screen = pty.openpty()
        with ThreadPoolExecutor() as threads:
            shown = threads.submit(lambda: b"".join(iter(lambda: _read(terminal), b"")))
            with os.fdopen(screen, "w") as file, monkeypatch.context() as patch:
                patch.setattr(sys, "stdout", file)
                explain(text)
        os.close(terminal)
        return shown.result().decode()

    return run


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # the end of a terminal on Linux
        return b""


def test_a_terminal_shows_the_words_with_and_without_colours(on_a_terminal, monkeypatch):
    colours = on_a_terminal(BROKEN)
    assert re.search(r"\x1b\[1;(4;)?31mfurious\x1b\[0m", colours)
    assert "escalate, by the rule strong_negative: severity" in colours
    monkeypatch.setenv("NO_COLOR", "1")
    plain = on_a_terminal(f"{BROKEN} [bold]now[/bold]")
    assert "31m" not in plain
    # Bold and underlined stay, and the bars say the same to whom neither is shown.
    assert "\x1b[1;4mfurious\x1b[0m" in plain
    assert re.search(r"furious +█+ +\+\d\.\d\d +█+ +\+\d\.\d\d", plain)
    assert "[bold]now[/bold]" in plain
    assert "bold: carried negative" in plain


def test_a_terminal_shows_what_cannot_be_read_and_capitals(on_a_terminal):
    assert re.search(r"not scored.* no_text", on_a_terminal("?!"))
    assert "(read as shouted, for its capitals)" in on_a_terminal("WHERE IS MY KETTLE")
