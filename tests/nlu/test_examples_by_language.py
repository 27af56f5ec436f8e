"""Intent examples in every language: complete, varied, and none under two intents."""

from collections import Counter

import pytest
import yaml

from amends.settings import ROOT

FOLDER = ROOT / "assistant" / "data" / "nlu"
INTENTS = set(yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))["intents"])
OTHERS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "en")
FEWEST = 25


def examples(language):
    found = {}
    for path in sorted((FOLDER / language).glob("*.yml")):
        for entry in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            lines = [line.removeprefix("- ") for line in entry["examples"].splitlines()]
            found.setdefault(entry["intent"], []).extend(lines)
    return found


@pytest.mark.parametrize("language", OTHERS)
def test_every_intent_has_examples_enough(language):
    found = examples(language)

    assert set(found) == INTENTS
    assert {name: len(lines) for name, lines in found.items() if len(lines) < FEWEST} == {}


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_stands_twice(language):
    said = Counter(line for lines in examples(language).values() for line in lines)

    assert [line for line, times in said.items() if times > 1] == []


def test_chinese_is_there():
    assert "zh" in OTHERS
