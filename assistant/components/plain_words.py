"""A message in plain words: what its intent does not depend on is taken out, typos are mended.

The classifier reads this; everybody else reads the message as it was written.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from assistant.components.slang import FILLERS, SLANG

LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# Only from the beginning of a word: else a long word without an @ is tried at each of its letters.
MAIL = re.compile(r"(?<!\S)\S+@\S+\.\w+")
HANDLE = re.compile(r"(?<!\w)@\w+")
# Order numbers, dates, sums; a single digit says how many, which can be what is asked for.
NUMBER = re.compile(
    r"#\s?\d+(?:-?\w+)?|(?<!\w)(?:[a-z]{1,3}-?)?\d[\d.,:/-]*\d(?:-?[a-z])?(?!\w)", re.I
)
NUMBERS = re.compile(r"\bnumber(?:[ ]number)+\b")
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SHORT_WORDS = frozenset({"a", "i", "my", "to", "an", "the", "is", "me", "it", "of", "for", "in"})
ENOUGH_WORDS = 3
MAX_CHARS = 2000
"""More than the encoder reads; what a megabyte means shows in its beginning."""
SHORTEST_MENDED = 4
LONGEST_MENDED = 24
KNOWN_WORDS = 5000
"""How many words are remembered as mended; a message of nonsense must not fill the memory."""


class PlainWords:
    """Writes messages in plain words.

    A word that neither the examples nor the encoder know becomes the word of the examples that is
    one letter dropped, added, wrong or swapped away, or is taken apart into two of them.
    """

    def __init__(self, counts: dict[str, int], known: Iterable[str]) -> None:
        """Make one with the vocabulary that `count` gave.

        Args:
            counts: How often each word stands in the examples.
            known: Words that the encoder knows: right as they are.
        """
        self._known = frozenset(known)
        # A word that the encoder does not know may be a typo in the examples themselves.
        self.counts = {word: n for word, n in counts.items() if word in self._known or n > 1}
        self._mended: dict[str, str] = {}

    @staticmethod
    def count(texts: Iterable[str]) -> dict[str, int]:
        """How often each word of four letters and more stands in these texts."""
        words = Counter(word for text in texts for word in WORD.findall(_bare(text)))
        return {word: n for word, n in words.items() if len(word) >= SHORTEST_MENDED}

    def write(self, text: str) -> str:
        """The message in plain words.

        Order numbers, sums and dates become "number", a link "link", another's handle "@user". An
        e-mail address says whose something is and not what is wanted: beside other words it is left
        out, alone it is "email address".
        """
        bare = _bare(text[:MAX_CHARS])
        said = MAIL.sub(" ", bare)
        bare = (
            said if len(WORD.findall(said)) >= ENOUGH_WORDS else MAIL.sub(" email address ", bare)
        )
        bare = WORD.sub(lambda match: self._mend(match.group()), NUMBER.sub(" number ", bare))
        words = [word for word in bare.split() if word.strip(",.!?") not in FILLERS]
        return NUMBERS.sub("number", " ".join(words))

    def _mend(self, word: str) -> str:
        if word in SLANG:
            return SLANG[word]
        if not SHORTEST_MENDED <= len(word) <= LONGEST_MENDED:
            return word
        if word in self._known or word in self.counts:
            return word
        if word not in self._mended:
            if len(self._mended) >= KNOWN_WORDS:
                self._mended.clear()
            self._mended[word] = self._nearest(word) or self._apart(word) or word
        return self._mended[word]

    def _nearest(self, word: str) -> str | None:
        found = [near for near in _one_away(word) if near in self.counts]
        return max(found, key=lambda near: (self.counts[near], near), default=None)

    def _apart(self, word: str) -> str | None:
        for place in range(1, len(word)):
            first, second = word[:place], word[place:]
            both = [part in self.counts or part in SHORT_WORDS for part in (first, second)]
            if all(both) and max(len(first), len(second)) >= SHORTEST_MENDED:
                return f"{first} {second}"
        return None


def _bare(text: str) -> str:
    text = text.lower().replace("\u2019", "'").replace("w/o", "without").replace("w/", "with ")
    text = LINK.sub(" link ", text)
    return HANDLE.sub(" @user ", text)


def _one_away(word: str) -> Iterator[str]:
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in LETTERS:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]
