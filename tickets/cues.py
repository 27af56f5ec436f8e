"""Words that say how a conversation goes: read from their file and looked for in a message."""

import re
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError

from amends.errors import AmendsError
from nlu.text import without_handles
from tickets.wording import plain, words

CUES_FILE = Path(__file__).with_name("cues.yml")


class CuesError(AmendsError):
    """The file of cues cannot be used; the message names the line and what to do."""


class Cue(StrEnum):
    """What words in a message tell."""

    FURY = "fury"
    BLAME = "blame"
    AGAIN = "again"
    SCORN = "scorn"
    GOOD_NEWS = "good_news"
    THIRD_PARTY = "third_party"
    AT_SHOP = "at_shop"
    POLITE = "polite"


def _compiled(block: object) -> re.Pattern[str]:
    if not isinstance(block, str):
        raise ValueError("expected lines of text")  # noqa: TRY004, pydantic turns it into its own
    lines = [line.strip() for line in block.splitlines()]
    wanted = [line for line in lines if line and not line.startswith("#")]
    for line in wanted:
        try:
            re.compile(line)
        except re.error as error:
            raise ValueError(f"no regular expression: {line!r} ({error})") from error
    # Without lines nothing matches.
    return re.compile(rf"(?<!\S)(?:{'|'.join(wanted) or '(?!)'})(?!\S)")


Lines = Annotated[re.Pattern[str], BeforeValidator(_compiled)]
NOTHING = re.compile(r"(?!)")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    phrases: Lines
    unless: Lines = NOTHING

    def found_in(self, text: str) -> bool:
        # A sign that is no word keeps a phrase from closing over what was taken out.
        return bool(self.phrases.search(self.unless.sub("¦", text)))


class Cues:
    """The cues of one file, ready to look for."""

    def __init__(self, entries: dict[Cue, _Entry]) -> None:
        self._entries = entries

    @classmethod
    def load(cls, path: Path = CUES_FILE) -> Self:
        """Read and compile a file of cues.

        Raises:
            CuesError: it is missing, no YAML, lacks a kind or holds a bad expression.
        """
        return cls(_read(path))

    def find(self, text: str) -> frozenset[Cue]:
        """The cues in a message."""
        # A handle is whom the shopper writes to, no courier that they write about.
        said = words(plain(without_handles(text))).strip()
        return frozenset(cue for cue, entry in self._entries.items() if entry.found_in(said))


@lru_cache(maxsize=1)
def shipped_cues() -> Cues:
    """The cues of the shipped file, compiled at first use."""
    return Cues.load()


def _read(path: Path) -> dict[Cue, _Entry]:
    try:
        content = TypeAdapter(dict[Cue, _Entry]).validate_python(
            yaml.safe_load(path.read_text(encoding="utf-8"))
        )
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        found = " ".join(str(error).split())
        raise CuesError(
            f"{path}: expected YAML in UTF-8, found {found}. Restore the shipped file."
        ) from error
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(map(str, problem["loc"])) or "the file"
        raise CuesError(
            f"{path}: expected a kind of cue with `phrases`, found at {key}: {problem['msg']}. "
            "Correct that line."
        ) from error
    missing = [cue for cue in Cue if cue not in content]
    if missing:
        raise CuesError(
            f"{path}: expected phrases for every kind of cue, found none for "
            f"{', '.join(missing)}. Add one expression a line under `phrases`."
        )
    return content
