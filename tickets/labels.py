"""What support agents say that Amends should have found: labels for the next training."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from amends.errors import AmendsError
from nlu.assessment import OTHER, Intensity, Polarity
from tickets.case import Identifier

NAME_CHARS = 255

Kind = TypeVar("Kind", bound=StrEnum)


class LabelError(AmendsError):
    """A correction that cannot be stored; says what was expected, found, and to do."""


class Correction(BaseModel):
    """What is right of a message; None where nothing is said of it.

    Attributes:
        polarity: Which way it feels.
        intensity: How strongly.
        category: What it is about, or `other`.
        escalate: Whether a person should see it.
    """

    model_config = ConfigDict(frozen=True)

    polarity: Polarity | None = None
    intensity: Intensity | None = None
    category: str | None = None
    escalate: bool | None = None

    @property
    def said(self) -> dict[str, str | bool]:
        """The fields that are corrected, by name."""
        said: dict[str, str | bool] = self.model_dump(mode="json", exclude_none=True)
        return said

    def after(self, earlier: "Correction") -> "Correction":
        """Both corrections; of a field that both say, this one's."""
        return Correction.model_validate({**earlier.said, **self.said})


class Label(BaseModel):
    """A correction as it is stored; none is ever changed or removed.

    Attributes:
        message_id: The message that it is of, within its ticket.
        correction: What was said.
        by: Who said it.
        at: When, UTC.
    """

    model_config = ConfigDict(frozen=True)

    message_id: str
    correction: Correction
    by: Identifier
    at: datetime


class StoredMessage(BaseModel):
    """A message on a ticket.

    Attributes:
        id: The ticket's reference and the message's id, such as `AM-K7RD4X/m1`.
        text: With personal data masked.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str


class CorrectedMessage(BaseModel):
    """A message and what is right of it, all its labels taken together.

    Attributes:
        message: What it says.
        correction: Of each field what was said last.
        at: When something was last said, UTC.
    """

    model_config = ConfigDict(frozen=True)

    message: StoredMessage
    correction: Correction
    at: datetime


def read_correction(
    polarity: str | None,
    intensity: str | None,
    category: str | None,
    escalate: bool | None,
    categories: Iterable[str],
) -> Correction:
    """Read what an agent says of a message, in any capitals.

    Args:
        polarity: One of `Polarity`, or None.
        intensity: One of `Intensity`, or None.
        category: One of the categories or `other`, or None.
        escalate: Whether a person should see it, or None.
        categories: What a message can be about here.

    Raises:
        LabelError: a value is none of those, or nothing is said.
    """
    read = Correction(
        polarity=_member("polarity", polarity, Polarity),
        intensity=_member("intensity", intensity, Intensity),
        category=_one_of("category", category, [*categories, OTHER]),
        escalate=escalate,
    )
    if not read.said:
        raise LabelError(
            "Expected a correction of polarity, intensity, category or escalate, found none. "
            "Say at least one of them."
        )
    return read


def read_name(name: str) -> str:
    """Read who corrects.

    Raises:
        LabelError: it is empty or too long.
    """
    # What is not printable some databases refuse, and terminals obey.
    name = "".join(filter(str.isprintable, " ".join(name.split())))
    if not 1 <= len(name) <= NAME_CHARS:
        raise LabelError(
            f"Expected the name of who corrects, 1 to {NAME_CHARS} characters, found {len(name)}. "
            "Say who you are."
        )
    return name


def _member(field: str, typed: str | None, kinds: type[Kind]) -> Kind | None:
    value = _one_of(field, typed, list(kinds))
    return None if value is None else kinds(value)


def _one_of(field: str, typed: str | None, known: list[str]) -> str | None:
    if typed is None:
        return None
    for name in known:
        if name.casefold() == typed.strip().casefold():
            return name
    raise LabelError(
        f"Expected {field} to be one of {', '.join(known)}, found {typed!r}. Correct it."
    )
