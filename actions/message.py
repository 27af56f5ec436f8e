"""What a tracker says of the shopper's latest message, in our words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from rasa_sdk import Tracker

from amends.settings import get_settings
from nlu.assessment import Assessment
from tickets.mood import Mood
from tickets.triage import Triage

ASSESSMENT_SLOT = "assessment"
TRIAGE_SLOT = "triage"
TALKING_SLOT = "talking"
LAST_REPLY_SLOT = "last_reply"
LANGUAGE_SLOT = "language"
MOOD_SLOT = "mood"
TASK_SLOT = "task"
ACCESS_SLOT = "access"
ASKED_SLOT = "asked"


@dataclass(frozen=True)
class Message:
    """The latest message of one conversation.

    Attributes:
        conversation_id: Rasa's sender id.
        message_id: Rasa's id of the message; the same when an action is tried again.
        text: As the shopper typed it.
        intent: What Rasa takes it for; None when it has no guess.
        confidence: How sure Rasa is of the intent, 0 to 1.
        shopper_name: What the shop calls the shopper; None for one whom it did not identify.
    """

    conversation_id: str
    message_id: str
    text: str
    intent: str | None
    confidence: float = 0.0
    shopper_name: str | None = None

    @classmethod
    def latest(cls, tracker: Tracker) -> "Message":
        """Read the latest message from a tracker."""
        latest: dict[str, Any] = tracker.latest_message
        name = (latest.get("metadata") or {}).get("name")
        intent: dict[str, Any] = latest.get("intent") or {}
        return cls(
            conversation_id=tracker.sender_id,
            message_id=str(latest.get("message_id") or ""),
            text=latest.get("text") or "",
            intent=intent.get("name"),
            confidence=float(intent.get("confidence") or 0.0),
            shopper_name=name if isinstance(name, str) else None,
        )


def triage_slot(message: Message, decision: Triage, others: Sequence[str] = ()) -> dict[str, Any]:
    """The slot value that ties a decision to its message, so that it cannot outlive it.

    Args:
        message: The message.
        decision: What happens next with it.
        others: Categories of what else it complains of.
    """
    decided = decision.model_dump(mode="json")
    return {"message_id": message.message_id, **decided, "others": list(others)}


def stored_triage(tracker: Tracker, message: Message) -> Triage | None:
    """The decision on this message; None when it was never assessed."""
    value = tracker.get_slot(TRIAGE_SLOT) or {}
    if value.get("message_id") != message.message_id:
        return None
    # What a slot of an older version lacks has its default.
    return Triage.model_validate(
        {name: value[name] for name in Triage.model_fields if name in value}
    )


def stored_assessment(tracker: Tracker, message: Message) -> Assessment | None:
    """The assessment of this message; None when it was never scored."""
    if stored_triage(tracker, message) is None:
        return None
    try:
        return Assessment.model_validate(tracker.get_slot(ASSESSMENT_SLOT))
    except ValidationError:
        return None  # An unreadable message has no scores.


def stored_others(tracker: Tracker, message: Message) -> tuple[str, ...]:
    """The categories of what else this message complains of, besides its own."""
    if stored_triage(tracker, message) is None:
        return ()
    return tuple((tracker.get_slot(TRIAGE_SLOT) or {}).get("others", ()))


def stored_mood(tracker: Tracker) -> Mood:
    """How the conversation went so far; as if it began where the slot cannot be read."""
    try:
        return Mood.model_validate(tracker.get_slot(MOOD_SLOT) or {})
    except ValidationError:
        return Mood()  # Of an older version.


def language_of(tracker: Tracker) -> str:
    """Two letters: the language in which the shopper is to be answered."""
    return tracker.get_slot(LANGUAGE_SLOT) or get_settings().language
