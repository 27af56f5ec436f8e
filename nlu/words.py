"""The words of a message, and what each of them becomes in what the classifier reads."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import emoji

from nlu.text import SHOUTED_MARK, is_shouted, spelled_out

_LETTERS = r"[\w\u0300-\u036f]"  # with accents that could not be put on a letter
# A link, a handle, a sign escaped for HTML, what masking left, a word, a smiley or "!!!", a tone.
_PIECE = re.compile(
    r"(?P<word>https?://\S+|www\.\S+|(?<!\w)@\w+|&#?\w+;|\[\w+\]"
    rf"|\w{_LETTERS}*(?:['\u2019-]{_LETTERS}+)*|[^\w\s@&]{{2,}}|[!?])|\s+|."
)
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Word:
    """A word of a message: its characters from `start` up to and without `end`."""

    start: int
    end: int


@dataclass(frozen=True)
class _Piece:
    start: int
    end: int
    is_word: bool


def words_of(text: str) -> list[Word]:
    """The words of a message, in their order; a comma or a full stop is of none.

    An emoji is one word, however many characters it is made of. So is a link, a handle, a mask
    such as `[email]`, and a run of signs such as `:(` or `!!!`.
    """
    return [Word(piece.start, piece.end) for piece in _pieces(text) if piece.is_word]


def without(text: str, words: Collection[Word]) -> str:
    """A message as it reads when some of its words are left out."""
    for word in sorted(words, key=lambda word: -word.start):
        text = f"{text[: word.start]} {text[word.end :]}"
    return _BLANKS.sub(" ", text).strip()


def only(text: str, words: Collection[Word]) -> str:
    """Some words of a message, in its order, and nothing else of it."""
    in_order = sorted(words, key=lambda word: word.start)
    return " ".join(text[word.start : word.end] for word in in_order)


class Reading:
    """A message as the classifier reads it, with the word that each character comes from.

    Attributes:
        text: The same as `nlu.text.prepare` makes, but for blanks.
        words: The words of the message as it was written.
        shouted: Whether the classifier is told that the message is in capitals; that is told once,
            of the whole message, and comes from no word.
    """

    def __init__(self, message: str) -> None:
        self.shouted = is_shouted(message)
        self.words: list[Word] = []
        self.text = ""
        self._sources: list[int | None] = []
        self._append(SHOUTED_MARK if self.shouted else "", None)
        was_rewritten = False
        for piece in _pieces(message):
            typed = message[piece.start : piece.end]
            read = spelled_out(typed)
            rewritten = read != typed
            # What stands in for something else must not grow together with its neighbours.
            if (rewritten or was_rewritten) and self.text[-1:] not in ("", " "):
                self._append(" ", None)
            self._append(read, self._source(piece))
            was_rewritten = rewritten

    def sources(self, offsets: Sequence[tuple[int, int]]) -> list[int | None]:
        """The word that each token comes from.

        Args:
            offsets: Start and end of each token in `text`; a token of the model's own is empty.

        Returns:
            For each token the place of its word in `words`, None where it comes from no word.
        """
        return [self._sources[start] if end > start else None for start, end in offsets]

    def _append(self, read: str, source: int | None) -> None:
        self.text += read
        self._sources += [source] * len(read)

    def _source(self, piece: _Piece) -> int | None:
        if not piece.is_word:
            return None
        self.words.append(Word(piece.start, piece.end))
        return len(self.words) - 1


def _pieces(text: str) -> Iterator[_Piece]:
    """Cut a message into pieces that are read one by one; together they are all of it."""
    start = 0
    for found in emoji.emoji_list(text):
        yield from _plain_pieces(text, start, found["match_start"])
        yield _Piece(found["match_start"], found["match_end"], is_word=True)
        start = found["match_end"]
    yield from _plain_pieces(text, start, len(text))


def _plain_pieces(text: str, start: int, end: int) -> Iterator[_Piece]:
    for found in _PIECE.finditer(text, start, end):
        yield _Piece(found.start(), found.end(), found["word"] is not None)
