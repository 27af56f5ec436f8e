"""Finds what a shop's policies say about a question, by embedding similarity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sentence_transformers import SentenceTransformer

from nlu.encoder import SharedEncoder, embed
from nlu.policy_file import Fact, PolicyFile, PolicyFileError, read_policies

ENGLISH = "en"

SURE_ASKED = 0.40
"""From this similarity on a line of the intent's sections answers the question."""

NEAR_ASKED = 0.28
"""From this similarity on such a line may be shown as the nearest there is."""

SURE_ANYWHERE = 0.47
"""From this similarity on a line of any section answers it, whatever the intent.

The three were chosen on the `dev` questions of tests/nlu/policy_questions.yml.
"""

AS_CLOSE = 0.08
"""The second line is quoted too if it is less than so much behind the first."""


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
                looked through first, then the whole file.
            question: Cleaned and masked.
            language: Two letters: in which it is to be answered.
        """
        spoken = language if language in self._files else self._stand_in
        facts = self._files[spoken].facts()
        close = (self._vectors[spoken] @ embed(self._encoder, [question])[0]).tolist()
        ranked = sorted(zip(close, facts, strict=True), key=lambda pair: -pair[0])
        asked = set(self._files[spoken].facts(intent)) if intent else set()
        own = [pair for pair in ranked if pair[1] in asked]
        for pairs, least in ((own, SURE_ASKED), (ranked, SURE_ANYWHERE), (own, NEAR_ASKED)):
            if pairs and pairs[0][0] >= least:
                sure = least is not NEAR_ASKED
                return PolicyAnswer(self._quotes(spoken, pairs, least), sure, spoken)
        return None

    def _quotes(
        self, language: str, ranked: Sequence[tuple[float, Fact]], least: float
    ) -> tuple[Quote, ...]:
        best = ranked[0][0]
        file = self._files[language].name
        return tuple(
            Quote(fact.text, file, fact.line, fact.heading)
            for similarity, fact in ranked[:2]
            if similarity >= max(least, best - AS_CLOSE)
        )
