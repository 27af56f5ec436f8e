"""What the browser sends, read strictly; and messages as the browser gets them."""

import re
import time
from dataclasses import dataclass
from typing import Any

from assistant.web_channel.cards import without_cards
from assistant.web_channel.refusals import RefusedError

MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
# A shopper gives Rasa no commands; assistant/components/command_guard.py says why.
COMMAND_SIGNS = re.compile(r"^[\s/]+")
# Nobody types them, and PostgreSQL refuses a whole conversation for the first of them.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Typed:
    """What arrived as `message`.

    Attributes:
        id: made by the browser.
        text: cleaned, and without payment card numbers.
        attachment: id of an uploaded file, or None.
        had_card: whether a card number was taken out of the text.
    """

    id: str
    text: str
    attachment: str | None
    had_card: bool = False


@dataclass(frozen=True)
class Rated:
    """What arrived as `rating`: which one was asked for, and 1 to 5."""

    id: str
    score: int


def typed(data: object, max_chars: int) -> Typed:
    """Read a `message`.

    Raises:
        RefusedError: bad_message or too_long.
    """
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        raise RefusedError("bad_message")
    attachment = data.get("attachment")
    if attachment is not None and not isinstance(attachment, str):
        raise RefusedError("bad_message")
    if len(data["text"]) > max_chars:
        raise RefusedError("too_long", max_chars=max_chars)
    text = cleaned(data["text"])
    if not text and attachment is None:
        raise RefusedError("bad_message")
    kept = without_cards(text)
    return Typed(_id(data), kept, attachment, had_card=kept != text)


def rated(data: object) -> Rated:
    """Read a `rating`.

    Raises:
        RefusedError: bad_message.
    """
    score = data.get("score") if isinstance(data, dict) else None
    # True is an int of Python's.
    if not isinstance(data, dict) or type(score) is not int or score not in range(1, 6):
        raise RefusedError("bad_message")
    return Rated(_id(data), score)


def cleaned(text: str) -> str:
    """A shopper's text without commands' signs in front and without what no store can keep.

    Half of a surrogate pair is valid JSON, but no text: it breaks whatever writes it down.
    """
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return COMMAND_SIGNS.sub("", UNPRINTABLE.sub("", whole)).rstrip()


def message(
    identifier: str,
    role: str,
    text: str,
    *,
    name: str | None = None,
    buttons: list[dict[str, str]] | None = None,
    attachment: dict[str, Any] | None = None,
    at: float | None = None,
) -> dict[str, Any]:
    """A message as every screen gets it; README.md says what each field is."""
    return {
        "id": identifier,
        "role": role,
        "text": text,
        "name": name,
        "buttons": buttons or [],
        "attachment": attachment,
        "at": time.time() if at is None else at,
    }


def _id(data: dict[str, Any]) -> str:
    found = data.get("id")
    if not isinstance(found, str) or not MESSAGE_ID.fullmatch(found):
        raise RefusedError("bad_message")
    return found
