"""What the app has for the shopper: on every screen at once, and into Rasa's record once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.agent import Agent
from rasa.shared.core.events import (
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    SlotSet,
)

from assistant.web_channel import trackers
from assistant.web_channel.history import ASKED
from assistant.web_channel.kept import Item, Kept, KeptError
from assistant.web_channel.messages import message
from assistant.web_channel.rooms import Rooms
from assistant.web_channel.talking import BOT, WAITING, Owner, Talking

ROLES = {
    "message": "agent",
    "joined": "notice",
    "waiting": "notice",
    "left": "notice",
    "rating": "notice",
    "notice": "notice",
}
"""Whose words each kind is."""

TURNS: dict[str, Callable[[], list[Event]]] = {
    "joined": lambda: [ConversationPaused()],
    "waiting": lambda: [ConversationPaused()],
    "left": lambda: [ConversationResumed(), SlotSet(trackers.TALKING_SLOT, BOT.who)],
}
"""Kinds after which somebody else talks, and what Rasa's record says then."""


@dataclass(frozen=True)
class Push:
    """What the app has to show.

    Attributes:
        conversation: sender id.
        id: the same push twice is one push.
        kind: one of `ROLES`.
        text: what the shopper reads; empty where nothing is to be read.
        name: of the agent, or None.
    """

    conversation: str
    id: str
    kind: str
    text: str
    name: str | None = None


class Telling:
    """Shows pushes on the shopper's screens and writes them into Rasa's record."""

    def __init__(
        self, rooms: Rooms, talking: Talking, kept: Kept, agent: Callable[[], Agent]
    ) -> None:
        self._rooms, self._talking, self._kept, self._agent = rooms, talking, kept, agent

    async def tell(self, push: Push) -> int:
        """Show it, unless it was shown before.

        Returns:
            The number of screens that are connected.

        Raises:
            KeptError: it was shown, but could not be written down anywhere.
        """
        room = self._rooms.room(push.conversation)
        if push.id not in room.ids and not await self._is_stored(push):
            await self._show_and_store(push)
        return len(room.tabs)

    async def _show_and_store(self, push: Push) -> None:
        room = self._rooms.room(push.conversation)
        room.took(push.id)
        shown = message(push.id, ROLES[push.kind], push.text, name=push.name)
        await self._show(push, shown)
        try:
            await self._store(push, shown["at"])
        except KeptError:
            # The app tells it again: it is shown once more only to screens that were not there the
            # first time, because the browser knows its id.
            room.ids.pop(push.id, None)
            raise

    async def _show(self, push: Push, shown: dict[str, Any]) -> None:
        sender = push.conversation
        if push.kind in TURNS:
            owner = _owner(push)
            self._talking.learn(sender, owner)
            await self._rooms.tell(sender, "talking", {"who": owner.who, "name": owner.name})
        if push.text:
            await self._rooms.show(sender, shown)
        if push.kind == "rating":
            await self._rooms.tell(sender, "rating", {"id": push.id})

    async def _is_stored(self, push: Push) -> bool:
        try:
            return await trackers.has_message(self._agent(), push.conversation, push.id)
        except trackers.TrackersDownError:
            return False

    async def _store(self, push: Push, at: float) -> None:
        events = _events(push, at)
        try:
            await trackers.append(self._agent(), push.conversation, events)
        except trackers.TrackersDownError:
            body = {"events": [event.as_dict() for event in events]}
            await self._kept.keep(Item("tracker", push.conversation, push.id, body))


def _owner(push: Push) -> Owner:
    if push.kind == "joined":
        return Owner("agent", push.name)
    return WAITING if push.kind == "waiting" else BOT


def _events(push: Push, at: float) -> list[Event]:
    metadata = {"id": push.id, "role": ROLES[push.kind], "name": push.name}
    if push.kind == "rating":
        metadata[ASKED] = push.id
    told = BotUttered(text=push.text, data={}, metadata=metadata, timestamp=at)
    return [told, *TURNS[push.kind]()] if push.kind in TURNS else [told]
