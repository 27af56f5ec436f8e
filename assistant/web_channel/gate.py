"""Caps on connections and frames, before socket.io reads them."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from sanic.request import Request
from socketio import AsyncServer
from socketio.packet import BINARY_ACK, BINARY_EVENT, EVENT, Packet

from assistant.web_channel.limits import Buckets, Limits
from assistant.web_channel.refusals import RefusedError
from assistant.web_channel.words import DEFAULT_LANGUAGE, Words

logger = logging.getLogger(__name__)

MAX_PAUSE_S = 5.0
NO_PACKET = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the library raises on what is no packet of socket.io."""


class TextPacket(Packet):
    """A packet of socket.io without binary parts.

    A binary event announces how many frames follow, up to ten thousand million, and the library
    holds all of them in memory. Read as a plain event its data are place holders, which are refused
    in words like any other message that is not one.
    """

    def decode(self, encoded_packet: str) -> int:
        """Read a packet; gives the number of binary frames to wait for, always 0."""
        super().decode(encoded_packet)
        if self.packet_type == BINARY_ACK:
            raise ValueError("binary acknowledgement")
        if self.packet_type == BINARY_EVENT:
            self.packet_type = EVENT
        return 0


class Gate:
    """Stands between engine.io and socket.io.

    Who sends too much is read more slowly: the frames wait in that connection's own network
    buffers, and each is still answered. What cannot be read ends its connection, no other.
    """

    def __init__(self, server: AsyncServer, limits: Limits, words: Words) -> None:
        self._engine = server.eio
        self._limits = limits
        self._words = words
        self._next: dict[str, Callable[..., Awaitable[Any]]] = dict(server.eio.handlers)
        self._addresses: dict[str, str] = {}
        self._open: Counter[str] = Counter()
        self._greeted: set[str] = set()
        self._handshakes = Buckets(limits.handshakes_of_address)
        self._frames = Buckets(limits.frames_of_connection)
        self._frames_of_address = Buckets(limits.frames_of_address)
        self._bytes = Buckets(limits.bytes_of_connection)
        for event, handler in self._handlers().items():
            server.eio.on(event, handler)

    def greeted(self, connection: str) -> None:
        """The connection said who it is."""
        self._greeted.add(connection)

    def _handlers(self) -> dict[str, Callable[..., Awaitable[Any]]]:
        return {"connect": self._connect, "message": self._frame, "disconnect": self._disconnect}

    async def _connect(self, connection: str, environ: dict[str, Any]) -> object:
        address = address_of(environ["sanic.request"])
        wait = self._handshakes.take(address)
        if not wait and self._open[address] >= self._limits.connections_of_address:
            wait = self._limits.greeting_s
        if wait:
            return RefusedError.too_many(wait).told(self._words, DEFAULT_LANGUAGE)
        self._addresses[connection] = address
        self._open[address] += 1
        loop = asyncio.get_running_loop()
        loop.call_later(self._limits.greeting_s, self._close_stranger, connection)
        return await self._next["connect"](connection, environ)

    async def _frame(self, connection: str, data: str | bytes) -> None:
        pause = max(
            self._frames.charge(connection),
            self._frames_of_address.charge(self._addresses.get(connection)),
            self._bytes.charge(connection, len(data)),
        )
        if pause:
            await asyncio.sleep(min(pause, MAX_PAUSE_S))
        # What is in its buffers when a connection is closed is not read any more.
        if isinstance(data, str) and connection in self._addresses:
            await self._text(connection, data)

    async def _text(self, connection: str, data: str) -> None:
        try:
            await self._next["message"](connection, data)
        except NO_PACKET:
            # The library would write a page of log for each.
            logger.warning("a connection sent what is no packet of socket.io; it is closed")
            await self._end(connection)

    async def _disconnect(self, connection: str, reason: str) -> None:
        address = self._addresses.pop(connection, None)
        self._greeted.discard(connection)
        if address is not None:
            self._open[address] -= 1
            self._open += Counter()  # Forgets the addresses at nought.
        await self._next["disconnect"](connection, reason)
        if reason == self._engine.reason.CLIENT_DISCONNECT:
            # The browser's other request still waits for news; the library would hold it for 45 s.
            self._engine.sockets[connection].queue.put_nowait(None)

    def _close_stranger(self, connection: str) -> None:
        if connection in self._addresses and connection not in self._greeted:
            self._engine.start_background_task(self._end, connection)

    async def _end(self, connection: str) -> None:
        """Close a connection, whether or not its other end wants to."""
        socket = self._engine.sockets.get(connection)
        if socket is not None:
            await socket.close(wait=False, reason=self._engine.reason.SERVER_DISCONNECT)
            # Nothing is the writer's end; without it the library waits for the browser to hang up.
            socket.queue.put_nowait(None)


def address_of(request: Request) -> str:
    """Where a request comes from: what the shop's own proxy says, else the connection's end.

    Sanic believes proxies only as far as `SANIC_PROXIES_COUNT` or `SANIC_REAL_IP_HEADER` says.
    """
    return str(request.remote_addr or request.ip)
