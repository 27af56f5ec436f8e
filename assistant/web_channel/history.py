"""A conversation as the shopper saw it, read from Rasa's events of all sessions."""

from collections.abc import Iterable, Sequence
from typing import Any

from rasa.shared.core.events import BotUttered, Event, SessionStarted, SlotSet, UserUttered

from assistant.web_channel.messages import message

NEWEST = 100
ASSESSMENT = "assessment"
"""The slot with the scores of the latest message."""
RATED = "rated"
"""Key in the metadata of a bot event without words: the rating with this id was given."""
ASKED = "rating"
"""Key in the metadata of a bot event: a rating with this id was asked for."""


def messages(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Every message among the events, oldest first."""
    read = [_message(event) for event in events]
    return [found for found in read if found is not None]


def merged(
    stored: Sequence[dict[str, Any]], shown: Iterable[dict[str, Any]], newest: int = NEWEST
) -> list[dict[str, Any]]:
    """The newest messages of both, each once, in the order in which they were said.

    Args:
        stored: from the tracker.
        shown: seen on a screen, in the tracker or not yet.
        newest: so many at most.
    """
    known = {found["id"] for found in stored}
    everything = [*stored, *(found for found in shown if found["id"] not in known)]
    return sorted(everything, key=lambda found: float(found["at"]))[-newest:]


def assessments(events: Iterable[Event]) -> dict[str, Any]:
    """What the record holds of the scores of shoppers' messages, by the id of the message."""
    found: dict[str, Any] = {}
    scored: str | None = None
    for event in events:
        if isinstance(event, UserUttered):
            scored = _id_of_shopper(event)
        elif isinstance(event, SessionStarted):
            scored = None  # A session begins with what slots held before, of another message.
        elif scored is not None and isinstance(event, SlotSet) and event.key == ASSESSMENT:
            found.setdefault(scored, event.value)
    return found


def open_rating(events: Iterable[Event]) -> str | None:
    """Id of the rating that was asked for last; None where it was given, or never asked for."""
    asked: str | None = None
    for event in events:
        metadata = event.metadata or {}
        asked = metadata.get(ASKED, asked)
        if asked is not None and metadata.get(RATED) == asked:
            asked = None
    return asked


def _message(event: Event) -> dict[str, Any] | None:
    if isinstance(event, UserUttered):
        return _shopper(event)
    return _other(event) if isinstance(event, BotUttered) else None


def _shopper(event: UserUttered) -> dict[str, Any] | None:
    metadata = event.metadata or {}
    attachment = metadata.get("attachment")
    # An intent that the shop's own systems trigger was said by nobody.
    if metadata.get("is_external") or not (event.text or attachment):
        return None
    identifier = _id_of_shopper(event)
    # What was kept while the store was down is written down later than it was said.
    at = metadata.get("at", event.timestamp)
    return message(identifier, "shopper", event.text or "", attachment=attachment, at=at)


def _id_of_shopper(event: UserUttered) -> str:
    return str((event.metadata or {}).get("id") or event.message_id)


def _other(event: BotUttered) -> dict[str, Any] | None:
    metadata = event.metadata or {}
    buttons = (event.data or {}).get("buttons")
    if not (event.text or buttons):
        return None
    # Written before the web channel, or by another channel: no id, but one point in time.
    identifier = str(metadata.get("id") or f"bot-{event.timestamp:.6f}")
    return message(
        identifier, str(metadata.get("role", "bot")), event.text or "",
        name=metadata.get("name"), buttons=buttons, at=event.timestamp,
    )  # fmt: skip
