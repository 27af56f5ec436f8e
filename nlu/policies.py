"""Finds what a shop's policies say about a question, by embedding similarity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sentence_transformers import SentenceTransformer

from nlu.encoder import SharedEncoder, embed
from nlu.policy_file import Fact, PolicyFile, PolicyFileError, read_policies

ENGLISH = "en"

ASKED = 0.15
"""What the intent counts for: by so much closer is a line of a section that answers it."""

SURE_ASKED = 0.40
"""From this similarity on a line of such a section answers the question."""

SURE_ANYWHERE = 0.45
"""From this similarity on a line of any other section does."""

NEAR_ASKED = 0.28
"""From this similarity on a line of such a section may be shown as the nearest there is.

These were chosen on the `dev` questions of tests/nlu/policy_questions.yml.
"""

AS_CLOSE = 0.08
"""The second line is quoted too if it is less than so much behind the first."""


@dataclass(frozen=True)
class _Close:
    """A fact, how similar it is to the question, and whether it is in a section of the intent."""

    fact: Fact
    similarity: float
    asked: bool

    @property
    def closeness(self) -> float:
        return self.similarity + (ASKED if self.asked else 0)

    @property
    def sure(self) -> bool:
        return self.similarity >= (SURE_ASKED if self.asked else SURE_ANYWHERE)


@dataclass(frozen=True)
class Quote:
    """What a line of a policy file says.

    Attributes:
        text: The words of the file.
        file: Its name.
        line: The line's number.
        heading: Of the section that the line stands in.
    """

    text: str
    file: str
    line: int
    heading: str


@dataclass(frozen=True)
class PolicyAnswer:
    """What the policies say about a question.

    Attributes:
        quotes: One or two, the closest first.
        sure: False where they are the nearest there is and may not answer the question.
        language: Two letters: of the file.
    """

    quotes: tuple[Quote, ...]
    sure: bool
    language: str

    @property
    def text(self) -> str:
        """The closest line's words."""
        return self.quotes[0].text

    @property
    def file(self) -> str:
        """Name of the file."""
        return self.quotes[0].file

    @property
    def line(self) -> int:
        """The closest line's number."""
        return self.quotes[0].line

    @property
    def heading(self) -> str:
        """Heading of the closest line."""
        return self.quotes[0].heading


class Policies:
    """The policy files of a shop, and the vectors of their lines.

    An answer is always words of a file: nothing is put together, and nothing is concluded.
    """

    def __init__(
        self, files: Mapping[str, PolicyFile], encoder: SentenceTransformer | SharedEncoder
    ) -> None:
        """Embed the files, by language; English, or else the first, stands in for the others.

        Raises:
            PolicyFileError: there is no file.
        """
        if not files:
            raise PolicyFileError("expected at least one policy file, found none. Write en.md.")
        self._encoder = encoder
        self._files = dict(files)
        self._stand_in = ENGLISH if ENGLISH in files else next(iter(files))
        self._vectors = {
            language: embed(encoder, [fact.text for fact in file.facts()])
            for language, file in files.items()
        }

    @classmethod
    def load(cls, folder: Path, encoder: SentenceTransformer | SharedEncoder) -> "Policies":
        """Read and embed the policy files of a folder.

        Raises:
            PolicyFileError: there is none, or one cannot be used.
        """
        return cls(read_policies(folder), encoder)

    def answer(self, intent: str | None, question: str, language: str) -> PolicyAnswer | None:
        """What the policies say about a question; None where they say nothing about it.

        Args:
            intent: What the question is taken for; any, or None. The sections that answer it are
                preferred, and the others not left out: an intent may be mistaken.
            question: Cleaned and masked.
            language: Two letters: in which it is to be answered.
        """
        spoken = language if language in self._files else self._stand_in
        ranked = self._ranked(spoken, intent, question)
        sure = [close for close in ranked if close.sure]
        near = [close for close in ranked if close.asked and close.similarity >= NEAR_ASKED]
        found = sure or near
        return PolicyAnswer(self._quotes(spoken, found), bool(sure), spoken) if found else None

    def _ranked(self, language: str, intent: str | None, question: str) -> list[_Close]:
        """All facts, the closest first."""
        file = self._files[language]
        similar = (self._vectors[language] @ embed(self._encoder, [question])[0]).tolist()
        asked = file.facts(intent) if intent else []
        close = [
            _Close(fact, value, fact in asked)
            for fact, value in zip(file.facts(), similar, strict=True)
        ]
        return sorted(close, key=lambda one: -one.closeness)

    def _quotes(self, language: str, ranked: Sequence[_Close]) -> tuple[Quote, ...]:
        name = self._files[language].name
        least = ranked[0].closeness - AS_CLOSE
        return tuple(
            Quote(close.fact.text, name, close.fact.line, close.fact.heading)
            for close in ranked[:2]
            if close.closeness >= least
        )
