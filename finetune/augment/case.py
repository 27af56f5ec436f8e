"""Small letters, capitals, sentences that begin with a capital."""

import random
import re

from finetune.augment.labels import ANY_STRENGTH, keep_all, keep_only
from finetune.augment.words import change_words, words_of
from finetune.samples import Sample

_ENDS = ".!?"


def change_case(text: str, rng: random.Random) -> str:
    """Write a message all in small letters, all in capitals, or as sentences.

    Args:
        text: A message.
        rng: Source of chance.
    """
    return rng.choice((_lower, _upper, _sentences))(text)


def _lower(text: str) -> str:
    return change_words(text, lambda found: found[0].lower())


def _upper(text: str) -> str:
    return change_words(text, lambda found: found[0].upper())


def _sentences(text: str) -> str:
    return change_words(text, _in_sentence)


def _in_sentence(found: re.Match[str]) -> str:
    before = found.string[: found.start()].rstrip()
    word = found[0].lower()
    return word if before and before[-1] not in _ENDS else word[:1].upper() + word[1:]


class Case:
    """Changes the case; as capitals are a sign of strength, labels of strength go with them."""

    def apply(self, sample: Sample, rng: random.Random) -> Sample:
        """The sample in another case."""
        text = change_case(sample.text, rng)
        if _capitals(text) == _capitals(sample.text):
            return keep_all(sample, text)
        return keep_only(sample, text, ANY_STRENGTH | {"subjectivity"})


def _capitals(text: str) -> int:
    """How many words are in capitals."""
    return sum(len(found[0]) > 1 and found[0].isupper() for found, _ in words_of(text))
