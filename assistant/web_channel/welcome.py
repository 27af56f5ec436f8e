"""What a tab is told once it is connected: the conversation so far, and who talks."""

from collections.abc import Callable
from typing import Any

from rasa.core.agent import Agent
from rasa.shared.core.events import Event

from assistant.web_channel import history, trackers
from assistant.web_channel.limits import Limits
from assistant.web_channel.rooms import Rooms
from assistant.web_channel.talking import BOT, Owner, Talking


class Welcome:
    """Makes `session_confirm`."""

    def __init__(
        self, rooms: Rooms, talking: Talking, agent: Callable[[], Agent], limits: Limits
    ) -> None:
        self._rooms, self._talking, self._agent = rooms, talking, agent
        self._limits = limits

    async def of(self, sender: str) -> dict[str, Any]:
        """The newest messages of this sender, who talks, the caps, and an open rating's id."""
        events = await self._events(sender)
        owner = await self._owner(sender)
        limits = {
            "max_chars": self._limits.max_chars,
            "max_file_bytes": self._limits.max_file_bytes,
        }
        return {
            "messages": self._messages(sender, events),
            "talking": {"who": owner.who, "name": owner.name},
            "limits": limits,
            "rating": history.open_rating(events),
        }

    def _messages(self, sender: str, events: list[Event]) -> list[dict[str, Any]]:
        room = self._rooms.room(sender)
        stored = history.messages(events)
        # What is sent again now, after a restart of the server too, is known.
        for found in stored:
            if found["role"] == "shopper":
                room.took(found["id"])
        return history.merged(stored, room.shown)

    async def _events(self, sender: str) -> list[Event]:
        try:
            return await trackers.events_of(self._agent(), sender)
        except trackers.TrackersDownError:
            # What was shown lately is still known here; the next message is answered with the news.
            return []

    async def _owner(self, sender: str) -> Owner:
        try:
            return await self._talking.who(sender)
        except trackers.TrackersDownError:
            return BOT
