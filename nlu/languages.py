"""Which language a shopper writes in, and whether the models were made for it."""

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

import stopwordsiso
from lingua import IsoCode639_1, LanguageDetector, LanguageDetectorBuilder

from amends.settings import Settings

KNOWN = frozenset(
    code
    for line in ("ar bg cs da de el en es fa fr he hi it", "ja ko nl pl pt ro ru sv th tr uk ur zh")
    for code in line.split()
)
"""Languages that are told apart by all that Lingua knows of them. Each one more costs 30 MB."""

RARER = frozenset(
    code
    for line in ("az ca et fi hr hu id is lt", "lv ms nb sk sl sq sw tl vi")
    for code in line.split()
)
"""Languages that are told from the known ones, roughly, lest they be taken for one of those."""

CLEAR = math.log(3)
"""How many times as likely another language must be before a conversation changes to it."""

NO_DOUBT = math.log(12)
"""Below this a language must also show one of its small words: nonsense and typos have none."""

SHORT = 3
"""In so few words or fewer it must do so in any case, unless it is very clear."""

VERY_CLEAR = math.log(1000)
"""The same for a language of which only the three-letter sequences are looked at."""

MIN_WORDS = 2
MIN_LETTERS = 6
MAX_WORDS = 40
"""What a message is written in shows in its first words; more of them only take time."""

MAX_CHARS = 600
LONGEST_WORD = 40
"""No word of a language that is told apart is longer; Lingua's time grows with the square."""

DENSE = 3
"""A character of Chinese, Japanese or Korean says about as much as three letters."""

DENSE_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")
OTHER_SCRIPTS = ("что почитать", "شيء للقراءة", "有什么可看", "कुछ पढ़ने को")
"""Something to read in the scripts that more than one language is written in."""

NO_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|@\w+|\[\w+\]|\w*\d\w*")
PIECE = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|[.!?¿¡:;\n0]")  # noqa: RUF001, both are typed
APOSTROPHE = re.compile("['’]")  # noqa: RUF001, both are typed
LEAST = 1e-12


@dataclass(frozen=True)
class Heard:
    """In which language a shopper is to be answered.

    Attributes:
        language: Two letters.
        readable: Whether the models were made for it.
    """

    language: str
    readable: bool


class Languages:
    """Tells languages apart by Lingua's n-grams, and stays with a conversation's when in doubt.

    A greeting, a name, an address or an order number shows no language: a conversation keeps its
    own unless a message clearly is in another one.
    """

    def __init__(self, settings: Settings) -> None:
        self._readable = settings.languages
        self._home = settings.language
        self._known = KNOWN.union(settings.languages)
        self._detector = _builder(self._known).build()
        self._rough = _builder(self._known | RARER).with_low_accuracy_mode().build()

    def warm_up(self) -> None:
        """Load the n-grams of all languages, which takes some seconds."""
        for text in ("something to read", *OTHER_SCRIPTS):
            self.read(text)

    def read(self, text: str, before: str | None = None) -> Heard:
        """Tell in which language a message is.

        Args:
            text: As the shopper typed it, or masked.
            before: The language of the conversation so far; None at its first message.
        """
        before = before or self._home
        text = unicodedata.normalize("NFKC", text[:MAX_CHARS])
        language = self._found(text, before) or before
        return Heard(language, language in self._readable)

    def _found(self, text: str, before: str) -> str | None:
        script = _script(text)
        if script is None:
            return None
        if script != "LATIN":
            return self._by_script(text, script, before)
        words = _words(text)
        if len(words) < MIN_WORDS or sum(map(len, words)) < MIN_LETTERS:
            return None
        return self._by_words(words, before)

    def _by_script(self, text: str, script: str, before: str) -> str | None:
        likely = self._likely("".join(c if _script_of(c) == script else " " for c in text))
        best = max(likely, key=lambda code: likely[code])
        if not likely[best]:
            return None
        return best if _odds(likely, best, before) > CLEAR else before

    def _by_words(self, words: list[str], before: str) -> str | None:
        found = self._among_known(words, before)
        return self._rare(words, found or before) or found

    def _among_known(self, words: list[str], before: str) -> str | None:
        said = " ".join(words)
        likely = self._likely(said)
        best = max(likely, key=lambda code: likely[code])
        if best == before:
            return best
        # Out of a language that nobody reads here the way is shorter.
        clear = 0.0 if best in self._readable and before not in self._readable else CLEAR
        odds = _odds(likely, best, before)
        doubt = VERY_CLEAR if len(words) <= SHORT else NO_DOUBT
        if odds <= clear or (odds < doubt and not _vouched(words, best, before)):
            return None
        # One foreign name with its accents decides by itself: most words must agree, and what is
        # left without the accents.
        plain = self._likely(_unaccented(said))
        votes = _votes(self._detector, words, best, before)
        return best if votes > 0 and _odds(plain, best, before) > 0 else None

    def _rare(self, words: list[str], found: str) -> str | None:
        """A language that is not among the known ones and yet far likelier than what was found."""
        likely = _likely(self._rough, " ".join(words))
        best = max(likely, key=lambda code: likely[code])
        if best in self._known or _odds(likely, best, found) <= VERY_CLEAR:
            return None
        return best if _votes(self._rough, words, best, found) * 2 > len(words) else None

    def _likely(self, text: str) -> dict[str, float]:
        return _likely(self._detector, text)


def _builder(codes: frozenset[str]) -> LanguageDetectorBuilder:
    names = (getattr(IsoCode639_1, code.upper()) for code in sorted(codes))
    return LanguageDetectorBuilder.from_iso_codes_639_1(*names)


def _likely(detector: LanguageDetector, text: str) -> dict[str, float]:
    found = detector.compute_language_confidence_values(text)
    return {one.language.iso_code_639_1.name.lower(): one.value for one in found}


def _votes(detector: LanguageDetector, words: list[str], one: str, other: str) -> int:
    """By how many words more the one language is likelier than the other."""
    odds = [_odds(_likely(detector, word), one, other) for word in words]
    return sum((value > 0) - (value < 0) for value in odds)


def _vouched(words: list[str], one: str, other: str) -> bool:
    """Whether a word among them is a small one of the one language and none of the other's."""
    small = stopwordsiso.stopwords(one) - stopwordsiso.stopwords(other)
    return any(part in small for word in words for part in APOSTROPHE.split(word))


def _odds(likely: dict[str, float], one: str, other: str) -> float:
    return math.log(max(likely.get(one, 0), LEAST) / max(likely.get(other, 0), LEAST))


def _words(text: str) -> list[str]:
    """The words that may show a language, in lower case: without what looks like a name."""
    text = NO_WORDS.sub(" 0 ", text)
    pieces = PIECE.findall(text)
    shouted = not any(char.islower() for char in text)
    words, starts = [], True
    for piece in pieces:
        is_word = piece[0].isalpha() and len(piece) <= LONGEST_WORD
        if is_word and (shouted or starts or piece[0].islower()):
            words.append(piece.lower())
        starts = not piece[0].isalnum()
    # What is pasted fifty times says no more than once.
    return list(dict.fromkeys(words))[:MAX_WORDS]


def _script(text: str) -> str | None:
    """The script of most of the message; None where it has no letter."""
    counted = Counter(_script_of(char) for char in text if char.isalpha())
    for script in counted:
        if script in DENSE_SCRIPTS:
            counted[script] *= DENSE
    return max(counted, key=lambda script: counted[script]) if counted else None


def _script_of(char: str) -> str:
    name = unicodedata.name(char, "").split(" ")[0].split("-")[0]
    # Japanese is one script in three.
    return "CJK" if name in DENSE_SCRIPTS[:3] else name


def _unaccented(text: str) -> str:
    split = unicodedata.normalize("NFKD", text)
    return "".join(char for char in split if not unicodedata.combining(char))
