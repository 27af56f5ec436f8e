"""Rasa's record of a conversation: read, added to, and known to be up or down."""

from collections.abc import Sequence

from rasa.core.agent import Agent
from rasa.shared.core.events import Event


class TrackersDownError(Exception):
    """The tracker database did not answer, or not in time."""


async def append(agent: Agent, sender: str, events: Sequence[Event]) -> None:
    """Add events to a conversation, in turn with whatever else writes to it.

    Raises:
        TrackersDownError: nothing was added that we know of.
    """
    raise NotImplementedError


async def has_message(agent: Agent, sender: str, message_id: str) -> bool:
    """Whether a shopper's or pushed message with this id is in the conversation, in any session.

    Raises:
        TrackersDownError: the database did not answer.
    """
    raise NotImplementedError


async def events_of(agent: Agent, sender: str) -> list[Event]:
    """Every event of all sessions, oldest first; none for a stranger.

    Raises:
        TrackersDownError: the database did not answer.
    """
    raise NotImplementedError
