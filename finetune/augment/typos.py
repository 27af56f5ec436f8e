"""Slips of the finger."""

import math
import random
import re
from functools import lru_cache

from finetune.augment.words import bears_feeling, change_some, is_negator

RATE = 0.1
"""Share of the words of four letters or more that get a typo; at least one of them."""

SHORTEST = 4
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_OFFSETS = (0.0, 0.25, 0.75)
_REACH = 1.3


def typos(text: str, rng: random.Random) -> str:
    """Mistype a few words: a neighbouring key, two letters swapped, one left out or doubled.

    The first and the last letter stay, as do negators and short words, so that a reader still knows
    the word.

    Args:
        text: A message.
        rng: Source of chance.
    """
    return change_some(text, rng, RATE, _may_slip, lambda found: _mistyped(found[0], rng))


def _may_slip(found: re.Match[str], _: bool) -> bool:
    word = found[0]
    return len(word) >= SHORTEST and word.isascii() and word.isalpha() and not is_negator(word)


def _mistyped(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    slips = [before + after, before + letter * 2 + after]
    if at + 1 < len(word) - 1:
        slips.append(before + after[0] + letter + after[1:])
    # "love" is one key away from "live": a word of feeling may not become another word.
    if not bears_feeling(word):
        slips.append(before + _neighbour(letter, rng) + after)
    good = [slip for slip in slips if _is_only_a_slip(slip, word)]
    return rng.choice(good) if good else word


def _is_only_a_slip(slip: str, word: str) -> bool:
    return slip != word and not bears_feeling(slip) and not is_negator(slip)


def _neighbour(letter: str, rng: random.Random) -> str:
    key = rng.choice(neighbours()[letter.lower()])
    return key.upper() if letter.isupper() else key


@lru_cache(maxsize=1)
def neighbours() -> dict[str, list[str]]:
    """The letters next to each letter on a QWERTY keyboard."""
    places = {
        letter: (column + offset, float(row))
        for row, (letters, offset) in enumerate(zip(_ROWS, _OFFSETS, strict=True))
        for column, letter in enumerate(letters)
    }
    return {
        letter: [other for other in places if 0 < math.dist(place, places[other]) <= _REACH]
        for letter, place in places.items()
    }
