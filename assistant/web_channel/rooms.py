"""The open tabs of each shopper, and what was shown on them lately."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any

from socketio import AsyncServer

KEPT_MESSAGES = 20
KEPT_IDS = 500
KEPT_FILES = 20
KEPT_ROOMS = 2000


@dataclass
class Room:
    """One shopper's.

    Attributes:
        tabs: socket.io ids of the connections, oldest first.
        shown: the latest messages; a turn's reach the tracker only at its end.
        ids: of messages that were taken, the shopper's and pushed ones, newest last.
        files: uploaded and not sent yet, by id.
    """

    tabs: list[str] = field(default_factory=list)
    shown: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_MESSAGES))
    ids: OrderedDict[str, None] = field(default_factory=OrderedDict)
    files: OrderedDict[str, dict[str, Any]] = field(default_factory=OrderedDict)

    def took(self, message_id: str) -> None:
        """Remember that a message with this id was taken."""
        self.ids[message_id] = None
        while len(self.ids) > KEPT_IDS:
            self.ids.popitem(last=False)

    def uploaded(self, file: dict[str, Any]) -> None:
        """Remember a file until a message brings it along."""
        self.files[file["id"]] = file
        while len(self.files) > KEPT_FILES:
            self.files.popitem(last=False)


class Rooms:
    """All of them. A room that nobody is in is forgotten when there are too many."""

    def __init__(self, server: AsyncServer) -> None:
        self._server = server
        self._rooms: OrderedDict[str, Room] = OrderedDict()

    def room(self, sender: str) -> Room:
        """The shopper's room, made where there is none."""
        room = self._rooms.setdefault(sender, Room())
        self._rooms.move_to_end(sender)
        if len(self._rooms) > KEPT_ROOMS:
            self._forget_one()
        return room

    async def enter(self, sender: str, tab: str, most: int) -> None:
        """Let a tab in; beyond `most` the oldest is closed, which lost its page long ago."""
        # Not awaited, nobody is in the room and no word arrives (Rasa #13027).
        await self._server.enter_room(tab, sender)
        room = self.room(sender)
        room.tabs.append(tab)
        while len(room.tabs) > most:
            await self._server.disconnect(room.tabs.pop(0))

    def shown(self, sender: str) -> list[dict[str, Any]]:
        """What was shown to a shopper lately; nothing of one who has no room."""
        room = self._rooms.get(sender)
        return list(room.shown) if room is not None else []

    def leave(self, sender: str, tab: str) -> None:
        """The tab was closed."""
        room = self.room(sender)
        if tab in room.tabs:
            room.tabs.remove(tab)

    async def show(self, sender: str, message: dict[str, Any], but: str | None = None) -> None:
        """Show a message on every tab but one, and remember it."""
        self.room(sender).shown.append(message)
        await self.tell(sender, "message", message, but)

    async def tell(
        self, sender: str, event: str, data: dict[str, Any], but: str | None = None
    ) -> None:
        """Send an event to every tab but one."""
        await self._server.emit(event, data, room=sender, skip_sid=but)

    def _forget_one(self) -> None:
        empty = next((name for name, room in self._rooms.items() if not room.tabs), None)
        if empty is not None:
            del self._rooms[empty]


class RoomScreen:
    """The `Screen` of a turn: every tab of one shopper."""

    def __init__(self, rooms: Rooms, sender: str) -> None:
        self._rooms = rooms
        self._sender = sender

    async def show(self, message: dict[str, Any]) -> None:
        """Show one message."""
        await self._rooms.show(self._sender, message)

    async def state(self, *, typing: bool, still_looking: bool) -> None:
        """Show or hide the typing dots, and the line that says that it takes longer."""
        data = {"typing": typing, "still_looking": still_looking}
        await self._rooms.tell(self._sender, "state", data)

    async def talking(self, who: str, name: str | None) -> None:
        """Say who talks."""
        await self._rooms.tell(self._sender, "talking", {"who": who, "name": name})
