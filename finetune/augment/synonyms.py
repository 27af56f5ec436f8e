"""Words for words that mean and weigh the same."""

import random
import re
from functools import lru_cache
from pathlib import Path

import yaml

from finetune.augment.words import change_some

RATE = 0.5
"""Share of the words with a synonym that are swapped; at least one."""

TABLE = Path(__file__).with_name("synonyms.yml")
_ARTICLE = re.compile(r"\b(an?)\s+$", re.IGNORECASE)


def swap_synonyms(text: str, rng: random.Random) -> str:
    """Swap words for synonyms of equal feeling and strength, in the same form.

    In a negation nothing is swapped: "not great" and "not superb" weigh differently although
    "great" and "superb" are close.

    Args:
        text: A message.
        rng: Source of chance.
    """
    return change_some(
        text,
        rng,
        RATE,
        lambda found, negated: not negated and bool(_fitting(found)),
        lambda found: _in_case_of(found[0], rng.choice(_fitting(found))),
    )


def _fitting(found: re.Match[str]) -> list[str]:
    others = _synonyms().get(found[0].casefold(), [])
    article = _ARTICLE.search(found.string, 0, found.start())
    if article is None:
        return others
    vowel = len(article[1]) > 1
    return [other for other in others if (other[0] in "aeiou") == vowel]


def _in_case_of(word: str, other: str) -> str:
    if word.isupper():
        return other.upper()
    return other.capitalize() if word[0].isupper() else other


@lru_cache(maxsize=1)
def groups() -> list[list[str]]:
    """The words of the table, by group."""
    table: list[list[str]] = yaml.safe_load(TABLE.read_text("utf-8"))
    return table


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, list[str]]:
    return {
        word: [other for other in group if other != word] for group in groups() for word in group
    }
