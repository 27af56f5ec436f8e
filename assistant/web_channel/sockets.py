"""What happens on a socket: a shopper connects, says something, rates."""

import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from socketio import AsyncServer
from socketio.exceptions import ConnectionRefusedError as RefusedConnection

from assistant.web_channel.gate import Gate, address_of
from assistant.web_channel.limits import Buckets, Limits
from assistant.web_channel.messages import Typed, message, typed
from assistant.web_channel.origins import Origins
from assistant.web_channel.refusals import RefusedError
from assistant.web_channel.rooms import Room, Rooms
from assistant.web_channel.said import Said
from assistant.web_channel.session_tokens import Shopper, Tokens
from assistant.web_channel.words import DEFAULT_LANGUAGE, Words

logger = logging.getLogger(__name__)

LANGUAGE = re.compile(r"[A-Za-z]{2}\b")

Put = Callable[[Said], None]
Rate = Callable[[str, object], Awaitable[None]]
Welcome = Callable[[str], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Visitor:
    """Who is at the other end of a connection."""

    shopper: Shopper
    language: str
    address: str


class Sockets:
    """Handlers of one socket.io server.

    Args:
        put: queues what was said; refuses with too_many.
        rate: stores a rating of this sender.
        welcome: what `session_confirm` says to this sender.
    """

    def __init__(
        self,
        server: AsyncServer,
        gate: Gate,
        tokens: Tokens,
        origins: Origins,
        rooms: Rooms,
        limits: Limits,
        words: Words,
        *,
        put: Put,
        rate: Rate,
        welcome: Welcome,
    ) -> None:
        self._server, self._gate, self._rooms = server, gate, rooms
        self._tokens, self._origins = tokens, origins
        self._limits, self._words = limits, words
        self._put, self._rate, self._welcome = put, rate, welcome
        self._visitors: dict[str, Visitor] = {}
        self._connects = Buckets(limits.connects_of_shopper)
        self._connects_of_address = Buckets(limits.connects_of_address)
        self._messages = Buckets(limits.messages_of_shopper)
        self._messages_of_address = Buckets(limits.messages_of_address)
        for event in ("connect", "disconnect", "message", "rating"):
            server.on(event, getattr(self, f"_{event}"))

    async def _connect(self, tab: str, environ: dict[str, Any], auth: object = None) -> None:
        given = auth if isinstance(auth, dict) else {}
        language = language_of(given.get("language"))
        try:
            visitor = self._admit(environ, given.get("token"), language)
        except RefusedError as refused:
            told = refused.told(self._words, language)
            raise RefusedConnection(refused.code, told) from refused
        self._gate.greeted(self._server.manager.eio_sid_from_sid(tab, "/"))
        self._visitors[tab] = visitor
        # After the library told the browser that it is connected, not before.
        self._server.start_background_task(self._confirm, tab, visitor.shopper.sender)

    def _admit(self, environ: dict[str, Any], token: object, language: str) -> Visitor:
        # Same-origin requests of browsers, and programs, name no origin. The token decides.
        if environ.get("HTTP_ORIGIN") is not None:
            self._origins.check(environ["HTTP_ORIGIN"])
        address = address_of(environ["sanic.request"])
        _take(self._connects_of_address, address)
        shopper = self._tokens.shopper(token)
        _take(self._connects, shopper.sender)
        return Visitor(shopper, language, address)

    async def _confirm(self, tab: str, sender: str) -> None:
        try:
            # In this order, so that no message falls between the history and the room.
            await self._rooms.enter(sender, tab, self._limits.tabs)
            await self._server.emit("session_confirm", await self._welcome(sender), to=tab)
        except (KeyError, ValueError):
            logger.debug("a connection was gone before it was confirmed")
        if tab not in self._visitors:
            self._rooms.leave(sender, tab)

    async def _disconnect(self, tab: str, _: str = "") -> None:
        visitor = self._visitors.pop(tab, None)
        if visitor is not None:
            self._rooms.leave(visitor.shopper.sender, tab)

    async def _message(self, tab: str, data: object = None, *_: object) -> dict[str, Any]:
        async def take(visitor: Visitor) -> dict[str, Any]:
            return await self._take(tab, visitor, data)

        return await self._acknowledged(tab, take)

    async def _rating(self, tab: str, data: object = None, *_: object) -> dict[str, Any]:
        async def take(visitor: Visitor) -> dict[str, Any]:
            self._afford(visitor)
            await self._rate(visitor.shopper.sender, data)
            return {}

        return await self._acknowledged(tab, take)

    async def _acknowledged(
        self, tab: str, take: Callable[[Visitor], Awaitable[dict[str, Any]]]
    ) -> dict[str, Any]:
        visitor = self._visitors.get(tab)
        language = visitor.language if visitor else DEFAULT_LANGUAGE
        try:
            return {"ok": True, **await take(_still_valid(visitor))}
        except RefusedError as refused:
            return refused.acknowledgement(self._words, language)

    async def _take(self, tab: str, visitor: Visitor, data: object) -> dict[str, Any]:
        found = typed(data, self._limits.max_chars)
        # Sent again after a reconnect: it was taken, and costs nothing.
        if found.id not in self._rooms.room(visitor.shopper.sender).ids:
            self._afford(visitor)
            await self._queue(tab, visitor, found)
        return {"text": found.text} if found.had_card else {}

    async def _queue(self, tab: str, visitor: Visitor, found: Typed) -> None:
        shopper = visitor.shopper
        room = self._rooms.room(shopper.sender)
        file = _file(room, found.attachment)
        said = Said(
            found.id, shopper.sender, found.text, file, visitor.language, shopper.name,
            time.monotonic(), had_card=found.had_card,
        )  # fmt: skip
        self._put(said)
        room.took(found.id)
        room.files.pop(found.attachment or "", None)
        shown = message(found.id, "shopper", found.text, attachment=file)
        await self._rooms.show(shopper.sender, shown, but=tab)

    def _afford(self, visitor: Visitor) -> None:
        _take(self._messages, visitor.shopper.sender)
        _take(self._messages_of_address, visitor.address)


def language_of(asked: object) -> str:
    """Two small letters; English for anything else."""
    found = LANGUAGE.match(asked) if isinstance(asked, str) else None
    return found[0].lower() if found else DEFAULT_LANGUAGE


def _still_valid(visitor: Visitor | None) -> Visitor:
    if visitor is None or visitor.shopper.expires_at < time.time():
        raise RefusedError("expired_token")
    return visitor


def _file(room: Room, attachment: str | None) -> dict[str, Any] | None:
    if attachment is None:
        return None
    file = room.files.get(attachment)
    if file is None:
        raise RefusedError("bad_message")
    return file


def _take(buckets: Buckets, key: str) -> None:
    wait = buckets.take(key)
    if wait:
        raise RefusedError.too_many(wait)
