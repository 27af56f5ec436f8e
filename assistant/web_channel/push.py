"""`POST push`: what an agent wrote, or that one joined or left, from the app to the shopper."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.agent import Agent
from rasa.shared.core.events import BotUttered, ConversationPaused, ConversationResumed, Event
from sanic.request import Request
from sanic.response import HTTPResponse, json

from assistant.web_channel import trackers
from assistant.web_channel.history import ASKED
from assistant.web_channel.http_request import bearer, read_json
from assistant.web_channel.kept import Item, Kept, KeptError
from assistant.web_channel.limits import Limits
from assistant.web_channel.messages import MESSAGE_ID, message
from assistant.web_channel.refusals import RefusedError
from assistant.web_channel.rooms import Rooms
from assistant.web_channel.session_tokens import SENDER, Tokens
from assistant.web_channel.talking import BOT, Owner, Talking

logger = logging.getLogger(__name__)

ROLES = {"message": "agent", "joined": "notice", "left": "notice", "rating": "notice"}
PAUSES: dict[str, Callable[[], Event]] = {
    "joined": ConversationPaused,
    "left": ConversationResumed,
}


@dataclass(frozen=True)
class Push:
    """What the app pushed.

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
    name: str | None


class PushEndpoint:
    """Shows pushes on the shopper's screens and writes them into Rasa's record."""

    def __init__(
        self,
        tokens: Tokens,
        rooms: Rooms,
        talking: Talking,
        kept: Kept,
        agent: Callable[[], Agent],
        limits: Limits,
    ) -> None:
        self._tokens, self._rooms, self._limits = tokens, rooms, limits
        self._talking, self._kept, self._agent = talking, kept, agent

    async def post(self, request: Request) -> HTTPResponse:
        """Answer with `shown`, the number of screens that were connected.

        Raises:
            RefusedError: bad_token, expired_token, bad_message; unavailable where it could not be
                written down anywhere.
        """
        self._tokens.check_service(bearer(request))
        push = _read(await read_json(request, self._limits.max_push_bytes))
        room = self._rooms.room(push.conversation)
        if push.id not in room.ids and not await self._is_stored(push):
            await self._show_and_store(push)
        return json({"shown": len(room.tabs)})

    async def _show_and_store(self, push: Push) -> None:
        room = self._rooms.room(push.conversation)
        room.took(push.id)
        shown = message(push.id, ROLES[push.kind], push.text, name=push.name)
        await self._show(push, shown)
        try:
            await self._store(push, shown["at"])
        except KeptError as error:
            # The app says that it failed and pushes again: it is shown once more only to screens
            # that were not there the first time, because the browser knows its id.
            room.ids.pop(push.id, None)
            raise RefusedError("unavailable") from error

    async def _show(self, push: Push, shown: dict[str, Any]) -> None:
        sender = push.conversation
        if push.kind in PAUSES:
            owner = Owner("agent", push.name) if push.kind == "joined" else BOT
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


def _events(push: Push, at: float) -> list[Event]:
    metadata = {"id": push.id, "role": ROLES[push.kind], "name": push.name}
    if push.kind == "rating":
        metadata[ASKED] = push.id
    told = BotUttered(text=push.text, data={}, metadata=metadata, timestamp=at)
    return [told, PAUSES[push.kind]()] if push.kind in PAUSES else [told]


def _read(body: dict[str, Any]) -> Push:
    name = body.get("name")
    texts = {key: body.get(key) for key in ("conversation", "id", "kind", "text")}
    if not all(isinstance(text, str) for text in (*texts.values(), name or "")):
        raise RefusedError("bad_message")
    push = Push(**texts, name=name or None)
    known = SENDER.fullmatch(push.conversation) and MESSAGE_ID.fullmatch(push.id)
    if not known or push.kind not in ROLES or (push.kind == "message" and not push.text.strip()):
        raise RefusedError("bad_message")
    return push
