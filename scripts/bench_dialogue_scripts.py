"""The scripted conversations of `make bench-dialogue`: what their files say, read strictly."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

import yaml
from bench_servers import BenchError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from amends.orders import Deed, State

FOLDER = Path(__file__).with_name("dialogues")
PLACEHOLDER = re.compile(r"\{([a-z]\w*)(?:: *([^{}]*))?\}")

Group = Literal["calm", "angry", "unhappy"]


class Strict(BaseModel):
    """Base of what a file says; a word that nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class GoOn(Strict):
    """The shopper answers what is asked, until it is solved.

    Attributes:
        most: Messages at most.
        answers: What is said where the assistant's words match a pattern; goes before what every
            shopper says.
    """

    most: int = Field(8, ge=1, le=15)
    answers: Mapping[str, str] = {}


class Solution(Strict):
    """What counts as solved; one of these.

    Attributes:
        deed: Is done in the shop's database with the shopper's order.
        told: The state of the shopper's order was told, as the shop's database has it.
        policy: A line of the shop's policies was quoted that stands below one of these headings.
        case: A case was recorded.
        by: Number of the shopper's message by which at the latest.
    """

    deed: Deed | None = None
    told: bool = False
    policy: tuple[str, ...] = ()
    case: bool = False
    by: int | None = Field(None, ge=1)

    @property
    def kind(self) -> str:
        """What the page calls it."""
        if self.deed is not None:
            return f"form: {self.deed}"
        return "form: track" if self.told else "policy" if self.policy else "case"

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum((self.deed is not None, self.told, bool(self.policy), self.case)) != 1:
            raise ValueError("expected one of deed, told, policy and case")
        return self


class Script(Strict):
    """One conversation.

    Attributes:
        name: Names it on the page, in small letters and hyphens.
        about: Topic, by which results are grouped.
        order: State of the order that `{number}` and `{email}` are of.
        says: The shopper's messages in turn.
        goes_on: What a shopper says then who is not content, one by one and only until a person
            is called.
        escalated: Number of the message after which a person is called at the latest; None where
            none may be called; 0 where it does not matter.
        solved: What counts as solved; None where there is nothing to solve.
        keeps: The state in which the order must still be at the end.
        never: Patterns of words that no reply may have.
    """

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    about: str
    order: State | None = None
    says: tuple[str | GoOn, ...] = Field(min_length=1)
    goes_on: tuple[str, ...] = ()
    escalated: int | None = Field(None, ge=0)
    solved: Solution | None = None
    keeps: State | None = None
    never: tuple[str, ...] = ()
    group: Group

    @property
    def draws(self) -> bool:
        """Whether it has other people's messages in it, so that it can be spoken anew."""
        return any(name == "tweet" for name, _ in self.placeholders())

    def placeholders(self) -> list[tuple[str, str]]:
        """Name and argument of each, in the order of the text."""
        said = [text for says in (*self.says, *self.goes_on) for text in _texts(says)]
        return [(found[1], found[2] or "") for text in said for found in PLACEHOLDER.finditer(text)]


def read_scripts(folder: Path = FOLDER) -> list[Script]:
    """Every script of a folder, by file and as they stand there.

    Raises:
        BenchError: a file is not as expected, or two scripts have one name.
    """
    scripts = [script for path in sorted(folder.glob("*.yml")) for script in _read(path)]
    names = [script.name for script in scripts]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BenchError(f"{folder}: expected names of their own, found twice: {', '.join(twice)}")
    return scripts


def _read(path: Path) -> list[Script]:
    try:
        file = yaml.safe_load(path.read_text(encoding="utf-8"))
        group, about = file["group"], path.stem
        return [
            Script.model_validate({"about": about, **one, "group": group})
            for one in file["conversations"]
        ]
    except (yaml.YAMLError, KeyError, TypeError, ValidationError) as error:
        raise BenchError(
            f"{path}: expected `group` and `conversations` as bench_dialogue_scripts.py says, "
            f"found: {error}. Correct it."
        ) from error


def _texts(says: str | GoOn) -> list[str]:
    return [says] if isinstance(says, str) else list(says.answers.values())
