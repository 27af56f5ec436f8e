"""Which words of a message may be rewritten, and which never."""

import math
import random
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SentimentIntensityAnalyzer

FELT = 1.0
"""From this mean rating (of −4…4) on a word bears feeling by itself."""

_TOKENS = re.compile(
    r"""
      https?://\S+ | www\.\S+        # links
    | (?<!\S)\S*@\S*                 # handles, addresses
    | \[\w+\]                        # masks of personal data
    | \#\w+ | &\w+;                  # hashtags, HTML's names of characters
    | \w*\d\w*                       # order numbers, models, prices
    | \w+(?:\.\w+)+                  # names of sites
    | (?<!\w)(?:[:;=]['\u2019-]?[DPOSXdposx]|[xX]D)(?!\w)  # emoticons with letters
    | (?P<word>[^\W\d_]+(?:['\u2019][^\W\d_]+)*)
    | (?P<end>[.,;:!?()\n])
    """,
    re.VERBOSE,
)
_MORE_NEGATORS = {
    "no",
    "nobody",
    "hardly",
    "barely",
    "scarcely",
    "lack",
    "lacks",
    "lacked",
    "lacking",
}


def words_of(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """The plain words of a message, each with whether it is negated.

    A negation reaches from the negator to the next punctuation.
    """
    negated = False
    for found in _TOKENS.finditer(text):
        if found["end"]:
            negated = False
        elif found["word"]:
            negated = negated or is_negator(found[0])
            yield found, negated


def change_words(text: str, change: Callable[[re.Match[str]], str]) -> str:
    """Rewrite the plain words of a message; the rest stays as it is, to the letter.

    Never touched: digits and what they stand in, masks such as `[email]`, handles, links, hashtags,
    emoji and emoticons.

    Args:
        text: A message.
        change: Takes a word, as a match in its text; returns what to write.
    """
    return _TOKENS.sub(lambda found: change(found) if found["word"] else found[0], text)


def change_some(
    text: str,
    rng: random.Random,
    rate: float,
    may: Callable[[re.Match[str], bool], bool],
    change: Callable[[re.Match[str]], str],
) -> str:
    """Rewrite a share of those plain words that may be rewritten, at least one of them.

    Args:
        text: A message.
        rng: Source of chance.
        rate: That share, 0…1, rounded up.
        may: Takes a word and whether it is negated.
        change: Takes a word; returns what to write.
    """
    places = [found.start() for found, negated in words_of(text) if may(found, negated)]
    chosen = set(rng.sample(places, math.ceil(rate * len(places))))
    return change_words(text, lambda f: change(f) if f.start() in chosen else f[0])


def is_negator(word: str) -> bool:
    """True for `not`, `don't`, `never`, `without` and the like."""
    small = word.casefold().replace("\u2019", "'")
    return small in NEGATE or small in _MORE_NEGATORS or small.endswith("n't")


def bears_feeling(word: str, least: float = FELT) -> bool:
    """True for a word that people rate good or bad by itself (VADER's lexicon).

    Args:
        word: In any case.
        least: From which distance to 0 on, of −4…4.
    """
    return abs(_ratings().get(word.casefold(), 0.0)) >= least


def is_intensifier(word: str) -> bool:
    """True for `so`, `very`, `totally` and the like."""
    return bool(BOOSTER_DICT.get(word.casefold(), 0.0) > 0)


@lru_cache(maxsize=1)
def _ratings() -> dict[str, float]:
    ratings: dict[str, float] = SentimentIntensityAnalyzer().lexicon
    return ratings
