"""Vowels drawn out: soooo, baaad."""

import random
import re

from finetune.augment.labels import ANY_STRENGTH, keep_only
from finetune.augment.words import bears_feeling, change_some, is_intensifier
from finetune.samples import Sample

RATE = 0.5
"""Share of the words that could be drawn out that are; at least one."""

DRAWN = 1.9
"""From this mean rating (of −4…4) on a word is drawn out: "good" and "bad" are, things that people
like or not ("comedy", "problem") hardly ever."""

_VOWEL = re.compile(r"[aeiou](?![aeiou])(?!e?s?$)|[aou]$", re.IGNORECASE)
_FEWEST, _MOST = 2, 4


def elongate(text: str, rng: random.Random) -> str:
    """Draw out a vowel in words that bear feeling and in intensifiers.

    Words in a negation stay: "not baaad" is another thing than "not bad".

    Args:
        text: A message.
        rng: Source of chance.
    """
    return change_some(text, rng, RATE, _may_be_drawn, lambda found: _drawn_out(found[0], rng))


def _may_be_drawn(found: re.Match[str], negated: bool) -> bool:
    felt = bears_feeling(found[0], DRAWN) or is_intensifier(found[0])
    return felt and not negated and bool(_VOWEL.search(found[0]))


def _drawn_out(word: str, rng: random.Random) -> str:
    at = rng.choice([found.start() for found in _VOWEL.finditer(word)])
    return word[:at] + word[at] * rng.randint(_FEWEST, _MOST) + word[at:]


class Elongation:
    """Draws out vowels, with the labels that this leaves true.

    Longer words are stronger and tell an opinion from a fact (Brody & Diakopoulos 2011,
    https://aclanthology.org/D11-1052): labels of strength and subjectivity go.
    """

    def apply(self, sample: Sample, rng: random.Random) -> Sample:
        """The sample with vowels drawn out."""
        return keep_only(sample, elongate(sample.text, rng), ANY_STRENGTH)
