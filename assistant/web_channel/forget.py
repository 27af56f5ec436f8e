"""`POST record` and `POST forget`: all that Rasa's side holds of a shopper, given and deleted."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from rasa.core.agent import Agent
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from sanic.request import Request
from sanic.response import HTTPResponse, json
from sqlalchemy import func

from assistant.web_channel import trackers
from assistant.web_channel.http_request import bearer, read_json
from assistant.web_channel.kept import Kept, KeptError
from assistant.web_channel.refusals import RefusedError
from assistant.web_channel.rooms import Rooms
from assistant.web_channel.session_tokens import Tokens
from assistant.web_channel.talking import BOT, Talking

logger = logging.getLogger(__name__)

MAX_BYTES = 4096
MAX_CHARS = 255
BUSY_S = 2.0

Disconnect = Callable[[str], Any]


class ForgetEndpoint:
    """Gives and deletes what the tracker store, the spool and the memory hold of a conversation.

    Args:
        disconnect: closes the connection of a tab, awaited.
    """

    def __init__(
        self,
        tokens: Tokens,
        rooms: Rooms,
        talking: Talking,
        kept: Kept,
        agent: Callable[[], Agent],
        disconnect: Disconnect,
    ) -> None:
        self._tokens, self._rooms, self._talking = tokens, rooms, talking
        self._kept, self._agent, self._disconnect = kept, agent, disconnect

    async def record(self, request: Request) -> HTTPResponse:
        """Answer with `events`, Rasa's own of all sessions, and `kept`, what is under way.

        Raises:
            RefusedError: bad_token, expired_token; bad_message without a conversation; unavailable
                where tracker database or spool do not answer.
        """
        sender = _conversation(await self._body(request))
        try:
            events = await trackers.events_of(self._agent(), sender)
            kept = await self._kept.of(sender)
        except (trackers.TrackersDownError, KeptError) as error:
            raise RefusedError("unavailable") from error
        return json({"events": [event.as_dict() for event in events], "kept": kept})

    async def post(self, request: Request) -> HTTPResponse:
        """Delete; answers with how many `events`, `kept` messages and open `tabs` it were.

        The body names a `conversation`, or a moment (`before`, in seconds since 1970): then those
        conversations go in which nothing has happened since. A turn that is under way is waited
        for, for some seconds.

        Raises:
            RefusedError: bad_token, expired_token; bad_message with neither of both; unavailable
                where something could not be deleted: the same request again deletes the rest.
        """
        body = await self._body(request)
        try:
            if "before" in body:
                return json(await self._outlived(_moment(body)))
            return json(await self._conversation(_conversation(body)))
        except (trackers.TrackersDownError, KeptError) as error:
            logger.error("a shopper could not be forgotten: %s", error)  # noqa: TRY400
            raise RefusedError("unavailable") from error

    async def _body(self, request: Request) -> dict[str, Any]:
        self._tokens.check_service(bearer(request))
        return await read_json(request, MAX_BYTES)

    async def _conversation(self, sender: str) -> dict[str, int]:
        # First what could still be given to the record, then the record.
        tabs = await self._close(sender)
        kept = await self._kept.forget(sender)
        agent = self._agent()
        held = trackers.lock(sender)
        try:
            await asyncio.wait_for(held.acquire(), BUSY_S)
        except asyncio.TimeoutError:  # noqa: UP041 - Python 3.10
            raise trackers.TrackersLateError("expected the turn to end, found it busy") from None
        try:
            events = await _deleted(agent, sender, lambda store: _delete(store, sender))
        finally:
            held.release()
        self._forget_memory(sender)
        return {"events": events, "kept": kept, "tabs": tabs}

    async def _outlived(self, before: float) -> dict[str, int]:
        kept = await self._kept.forget_before(before)
        events = await _deleted(self._agent(), "", lambda store: _delete_idle(store, before))
        return {"events": events, "kept": kept, "tabs": 0}

    async def _close(self, sender: str) -> int:
        tabs = list(self._rooms.room(sender).tabs)
        for tab in tabs:
            await self._disconnect(tab)
        return len(tabs)

    def _forget_memory(self, sender: str) -> None:
        room = self._rooms.room(sender)
        for remembered in (room.shown, room.ids, room.files):
            remembered.clear()
        self._talking.learn(sender, BOT)


async def _deleted(agent: Agent, sender: str, question: Callable[[TrackerStore], int]) -> int:
    trackers.guard(agent)
    return await agent.tracker_store.ask(sender, question)


def _delete(store: TrackerStore, sender: str) -> int:
    sql = _sql(store)
    with sql.session_scope() as session:
        mine = session.query(sql.SQLEvent).filter(sql.SQLEvent.sender_id == sender)
        events = mine.delete(synchronize_session=False)
        session.commit()
    return int(events)


def _delete_idle(store: TrackerStore, before: float) -> int:
    sql = _sql(store)
    with sql.session_scope() as session:
        event = sql.SQLEvent
        idle = session.query(event.sender_id).group_by(event.sender_id)
        idle = idle.having(func.max(event.timestamp) < before)
        old = session.query(event).filter(event.sender_id.in_(idle))
        events = old.delete(synchronize_session=False)
        session.commit()
    return int(events)


def _sql(store: TrackerStore) -> SQLTrackerStore:
    if not isinstance(store, SQLTrackerStore):
        # Rasa's other stores have no way to delete: their own tools do.
        raise TypeError(f"expected a SQLTrackerStore, found a {type(store).__name__}")
    return store


def _conversation(body: dict[str, Any]) -> str:
    sender = body.get("conversation")
    if not isinstance(sender, str) or not 1 <= len(sender) <= MAX_CHARS:
        raise RefusedError("bad_message")
    return sender


def _moment(body: dict[str, Any]) -> float:
    before = body["before"]
    if isinstance(before, bool) or not isinstance(before, (int, float)):
        raise RefusedError("bad_message")
    return float(before)
