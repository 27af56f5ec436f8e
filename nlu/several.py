"""Several complaints in one message: what each part is about, and which part comes first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.assessment import OTHER, Assessment, Polarity, Unreadable

MOST_PARTS = 4
"""More parts of one message are a story, of which the whole says best what it is about."""

LEAST_WORDS = 2
CLEAR = 0.045
"""A part tells what it is about when no other category comes closer to it than this."""

CLOSE_ENOUGH = 0.16
"""Nor when it comes less close than this to it."""

LIKELY = 0.5

_ENDS = re.compile(
    r"(?<=[.!?;])\s+|\n+"
    r"|,?\s+\b(?:and also|and then|and on top(?: of (?:that|it))?|plus|also)\b,?\s+"
    r"|,?\s+\b(?:and|but)\b\s+|\s+[&+]\s+|,\s+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Several:
    """What a message with more than one complaint is about.

    Attributes:
        main: Category of the gravest complaint.
        others: Categories of the others, in the order of the message.
    """

    main: str
    others: tuple[str, ...]


def parts(text: str) -> list[str]:
    """The sentences and clauses of a message that may each be a complaint; none if it is one.

    Args:
        text: The message with personal data masked.
    """
    found = [part.strip(" ,") for part in _ENDS.split(text) if part]
    long_enough = [part for part in found if len(part.split()) >= LEAST_WORDS]
    return long_enough if 1 < len(long_enough) <= MOST_PARTS else []


def several(assessed: Sequence[Assessment | Unreadable]) -> Several | None:
    """What the parts of a message complain of; None where it is one thing.

    Args:
        assessed: Each part by itself.
    """
    told = [one for one in assessed if isinstance(one, Assessment) and _tells(one)]
    categories = list(dict.fromkeys(one.category for one in told))
    if len(categories) < 2:  # noqa: PLR2004
        return None
    main = max(told, key=lambda one: one.severity).category
    return Several(main, tuple(name for name in categories if name != main))


def _tells(part: Assessment) -> bool:
    """Whether a part is a complaint, and clearly about one thing."""
    complains = part.polarity is Polarity.NEGATIVE or part.complaint >= LIKELY
    next_best = part.runners_up[0].similarity if part.runners_up else -1.0
    return (
        complains
        and part.polarity is not Polarity.POSITIVE
        and part.category != OTHER
        and part.similarity >= CLOSE_ENOUGH
        and part.similarity - next_best >= CLEAR
    )
