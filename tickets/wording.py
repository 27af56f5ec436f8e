"""A message as plain words, so that capitals, signs and spelling habits hide nothing."""

import re
import unicodedata
from collections.abc import Mapping

APOSTROPHES = re.compile("['’‘‛`´ʼ′]")  # noqa: RUF001, they are what is looked for
CLAUSE_END = re.compile(r"[.!?,;:。、\n\r]+")
HAN = re.compile(r"[\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
BETWEEN_HAN = re.compile(rf"(?<={HAN.pattern}) (?={HAN.pattern})")
NO_WORD = re.compile(r"[\W_]+")
RUN = re.compile(r"([a-z])\1+")
LETTERS = re.compile(r"[a-z]+")
STRETCHED = re.compile(r"([a-z])\1\1")
SAID_AGAIN = re.compile(r"(?<!\S)(\S\S+ )\1+")
SPELLED_OUT = re.compile(r"(?<!\S)(?:[a-z] ){4,}")


def plain(text: str) -> str:
    """Lower case without apostrophes, accents, styled letters and invisible signs.

    Chinese is written without blanks: each of its characters becomes a word of its own, so that a
    phrase is found in the middle of a sentence.
    """
    text = unicodedata.normalize("NFKD", APOSTROPHES.sub("", text)).casefold()
    text = "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Cf"))
    return HAN.sub(r" \g<0> ", text)


def single(word: str) -> str:
    """A word without doubled letters: "kil" for "kill" and for "killlll"."""
    return RUN.sub(r"\1", word)


def unstretched(text: str, spelling: Mapping[str, str]) -> str:
    """Plain text in which "humaaan" is "human"; "loose" stays "loose".

    Args:
        text: Plain text.
        spelling: The words to know, by their letters without doubles.
    """
    return LETTERS.sub(lambda found: _known(found[0], spelling), text)


def _known(word: str, spelling: Mapping[str, str]) -> str:
    return spelling.get(single(word), word) if STRETCHED.search(word) else word


def words(text: str) -> str:
    """The words of plain text, each followed by one space, none twice in a row.

    Single letters may be: "k i l l" is a word spelled out.
    """
    spaced = NO_WORD.sub(" ", text).strip()
    return SAID_AGAIN.sub(r"\1", f"{spaced} ") if spaced else ""


def readings(text: str) -> list[str]:
    """The words of plain text; spelled-out ones ("h u m a n") also joined.

    A first letter may be a word of its own: "a h u m a n" is read both ways.
    """
    read = words(text)
    if not SPELLED_OUT.search(read):
        return [read]
    joined = SPELLED_OUT.sub(lambda run: run[0].replace(" ", "") + " ", read)
    first_apart = SPELLED_OUT.sub(lambda run: run[0][:2] + run[0][2:].replace(" ", "") + " ", read)
    return [read, joined, first_apart]


def as_written(words: str) -> str:
    """Words without the blanks that Chinese does not have."""
    return BETWEEN_HAN.sub("", words)


def clauses(text: str) -> list[str]:
    """The words of each clause of plain text, and of all of it in each reading."""
    return [*(words(part) for part in CLAUSE_END.split(text)), *readings(text)]
