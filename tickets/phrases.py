"""Words that call for a person whatever the score: the phrase files, read and searched."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from amends.errors import AmendsError
from tickets.wording import HAN, as_written, clauses, plain, readings, single, unstretched

PHRASES_FILE = Path(__file__).with_name("phrases.yml")
OTHER_LANGUAGES = "phrases.??.yml"
GAP = "..."
TOKEN = re.compile(rf"\s+|\.\.\.|[()\[\]|]|\$[a-z_]+|[a-z0-9]+|{HAN.pattern}")
SYNTAX = {"(": "(?:", "[": "(?:", ")": ")", "]": ")?", "|": "|", GAP: r"(?:\S+ ){0,2}"}
CLOSES = {")": "(", "]": "["}
HOW = (
    "Use words, (this|that), [optional], $name from `words` and ... for up to two words of any kind"
)


class PhrasesError(AmendsError):
    """The phrase file cannot be used; the message names the line and what to do."""


class Kind(StrEnum):
    """What a phrase is about, in the order in which they are searched for."""

    SELF_HARM = "self_harm"
    INJURY = "injury"
    FIRE_OR_SHOCK = "fire_or_shock"
    COUNTERFEIT_OR_HAZARD = "counterfeit_or_hazard"
    FRAUD = "fraud"
    LEGAL = "legal"
    PERSON = "person"


@dataclass(frozen=True)
class Found:
    """A phrase found in a message.

    Attributes:
        kind: What it is about.
        words: The shopper's words that matched, in lower case without punctuation.
    """

    kind: Kind
    words: str


def _lines(block: str) -> tuple[str, ...]:
    lines = (line.strip() for line in block.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


Block = Annotated[str, AfterValidator(lambda block: "\n".join(_lines(block)))]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    phrases: Block
    whole: Block = ""
    unless: Block = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    words: dict[str, Annotated[Block, Field(min_length=1)]] = Field(default_factory=dict)
    kinds: dict[Kind, _Entry]


@dataclass(frozen=True)
class _Matcher:
    phrases: re.Pattern[str]
    whole: re.Pattern[str]
    unless: re.Pattern[str]

    def find(self, readings: list[str], clauses: list[str]) -> str | None:
        # A sign that is no word keeps a phrase from closing over what was taken out.
        kept = (self.unless.sub("¦ ", reading) for reading in readings)
        hits = (self.phrases.search(reading) for reading in kept)
        wholes = (self.whole.fullmatch(clause) for clause in clauses)
        return next((hit.group().strip() for hit in chain(hits, wholes) if hit), None)


class Phrases:
    """The phrases of a file, or of one a language, ready to search."""

    def __init__(
        self, matchers: dict[Kind, tuple[_Matcher, ...]], spelling: dict[str, str]
    ) -> None:
        self._matchers = matchers
        self._spelling = spelling

    @classmethod
    def load(cls, *paths: Path) -> Self:
        """Read and compile phrase files; the shipped English one if none is named.

        Raises:
            PhrasesError: one is missing, is no YAML, lacks a kind or holds a bad phrase.
        """
        matchers: dict[Kind, tuple[_Matcher, ...]] = dict.fromkeys(Kind, ())
        spelling: dict[str, str] = {}
        for path in paths or (PHRASES_FILE,):
            text = _read(path)
            content = _validated(text, path)
            compiler = _Compiler(path, text, content.words)
            for kind in Kind:
                matchers[kind] += (compiler.matcher(content.kinds[kind]),)
            spelling = compiler.spelling | spelling
        return cls(matchers, spelling)

    def find(self, text: str) -> Found | None:
        """The first kind of which a phrase is in the text, or None."""
        spelled = unstretched(plain(text), self._spelling)
        whole, parts = readings(spelled), clauses(spelled)
        for kind, matchers in self._matchers.items():
            hits = (matcher.find(whole, parts) for matcher in matchers)
            words = next((hit for hit in hits if hit is not None), None)
            if words is not None:
                return Found(kind, as_written(words))
        return None


@lru_cache(maxsize=1)
def shipped_phrases() -> Phrases:
    """The phrases of the shipped files, whatever the language, compiled at first use.

    Whoever is in danger is understood in every language for which there is a file, also where the
    models do not read it.
    """
    others = sorted(PHRASES_FILE.parent.glob(OTHER_LANGUAGES))
    return Phrases.load(PHRASES_FILE, *others)


class _Compiler:
    """Turns phrases into regular expressions over words that each end in one space.

    Attributes:
        spelling: The words of the phrases by their letters without doubles: "kil" to "kill".
    """

    def __init__(self, path: Path, text: str, words: dict[str, str]) -> None:
        self._path = path
        self._source = text.splitlines()
        self.spelling: dict[str, str] = {}
        self._words: dict[str, str] = {}
        for name, block in words.items():
            self._words[name] = f"(?:{'|'.join(map(self._phrase, block.splitlines()))})"

    def matcher(self, entry: _Entry) -> _Matcher:
        blocks = (entry.phrases, entry.whole, entry.unless)
        return _Matcher(*(self._any_of(block.splitlines()) for block in blocks))

    def _any_of(self, phrases: list[str]) -> re.Pattern[str]:
        if not phrases:
            return re.compile(r"(?!)")  # matches nothing
        return re.compile(r"(?<!\S)(?:" + "|".join(map(self._phrase, phrases)) + ")")

    def _phrase(self, phrase: str) -> str:
        parts, opened = [], [""]
        for token in self._tokens(phrase):
            if token in CLOSES and opened.pop() != CLOSES[token]:
                raise self._error(phrase, f"a {token} that nothing opens")
            if token in CLOSES.values():
                opened.append(token)
            parts.append(self._part(phrase, token))
        if len(opened) > 1:
            raise self._error(phrase, f"a {opened[-1]} that nothing closes")
        return self._not_empty(phrase, "".join(parts))

    def _not_empty(self, phrase: str, pattern: str) -> str:
        if re.fullmatch(pattern, ""):
            raise self._error(phrase, "a phrase or alternative without a word that must be there")
        return pattern

    def _tokens(self, phrase: str) -> list[str]:
        text = plain(phrase)
        tokens = TOKEN.findall(text)
        if "".join(tokens) != text:
            raise self._error(phrase, "a sign that is no part of a phrase")
        return [token for token in tokens if token.strip()]

    def _part(self, phrase: str, token: str) -> str:
        if token in SYNTAX:
            return SYNTAX[token]
        if not token.startswith("$"):
            self.spelling.setdefault(single(token), token)
            return f"{token} "
        if token[1:] not in self._words:
            raise self._error(phrase, f"{token}, which no line above it under `words` explains")
        return self._words[token[1:]]

    def _error(self, phrase: str, found: str) -> PhrasesError:
        numbers = (n for n, line in enumerate(self._source, 1) if phrase in line)
        where = f"{self._path}, line {next(numbers, 1)}"
        return PhrasesError(f"{where}: expected a phrase, found {found}: {phrase!r}. {HOW}.")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PhrasesError(
            f"{path}: expected a phrase file in UTF-8, found {error}. Restore the shipped file."
        ) from error


def _validated(text: str, path: Path) -> _File:
    try:
        content = _File.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        found = " ".join(str(error).split())
        raise PhrasesError(f"{path}: expected YAML, found {found}. Correct that line.") from error
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(map(str, problem["loc"])) or "the file"
        raise PhrasesError(
            f"{path}: expected `words` and `kinds`, found at {key}: {problem['msg']}. Correct it."
        ) from error
    missing = [kind for kind in Kind if not content.kinds.get(kind, _Entry(phrases="")).phrases]
    if missing:
        raise PhrasesError(
            f"{path}: expected phrases for every kind, found none for {', '.join(missing)}. "
            "Add one phrase a line under `phrases`."
        )
    return content
