"""One message of a shopper's in the forms in which it is written down."""

import time
from collections.abc import Sequence
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, Event, UserUttered

from assistant.web_channel.kept import Item
from assistant.web_channel.output import CHANNEL, TurnOutput, as_event
from assistant.web_channel.said import Said

INBOX, TRACKER = "inbox", "tracker"


def for_rasa(said: Said, output: TurnOutput) -> UserMessage:
    """For Rasa to answer."""
    return UserMessage(
        said.text, output, said.sender, input_channel=CHANNEL, message_id=said.id,
        metadata=_metadata(said),
    )  # fmt: skip


def exchange(
    said: Said, shown: Sequence[dict[str, Any]], more: Sequence[Event] = ()
) -> list[Event]:
    """The events of a turn that Rasa did not write down itself.

    Args:
        said: what the shopper said; without an intent, for nobody asked.
        shown: messages that were shown to them in return.
        more: other events of the turn.
    """
    heard = UserUttered(
        said.text, input_channel=CHANNEL, message_id=said.id, metadata=_metadata(said)
    )
    # At the end Rasa must be listening, or its rules do not fit the next message.
    listen = ActionExecuted(ACTION_LISTEN_NAME)
    return [heard, *map(as_event, shown), *more, listen]


def for_tracker(said: Said, events: Sequence[Event]) -> Item:
    """To be kept until the tracker database is back."""
    body = {"events": [event.as_dict() for event in events]}
    return Item(TRACKER, said.sender, said.id, body)


def for_inbox(said: Said) -> Item:
    """To be kept until the app has it, for the person who talks."""
    body = {
        "conversation": said.sender,
        "id": said.id,
        "role": "shopper",
        "name": said.name,
        "text": said.text,
        "attachment": said.attachment and said.attachment["id"],
        "at": _at(said),
    }
    return Item(INBOX, said.sender, said.id, body)


def _metadata(said: Said) -> dict[str, Any]:
    return {
        "id": said.id,
        "at": _at(said),
        "language": said.language,
        "name": said.name,
        "attachment": said.attachment,
    }


def _at(said: Said) -> float:
    return time.time() - (time.monotonic() - said.received)
