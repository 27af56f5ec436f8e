"""The browsers' open connections, and their end when the server stops."""

import asyncio
from pathlib import Path
from typing import Any

import engineio
import sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from socketio import AsyncServer

# Known by where they are, not by the names of what is in there: should a release move it, no more
# comes of it than lines in the log.
LIBRARIES = {Path(engineio.__file__).parent, Path(sanic.__file__).parent / "server" / "websockets"}


class Connections:
    """Hands requests to socket.io. A websocket is one request, for as long as it is open.

    Args:
        server: socket.io's.
    """

    def __init__(self, server: AsyncServer) -> None:
        self._server = server
        self._open: set[asyncio.Task[HTTPResponse]] = set()

    async def handle(self, request: Request) -> HTTPResponse:
        """Answer one; a websocket is answered when it has ended."""
        task = asyncio.ensure_future(self._server.handle_request(request))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        return await task

    async def stop(self, wait_s: float) -> None:
        """Close what is open, with some seconds for the browsers to agree.

        Left open, each tab would hold up the end of the server, for 15 s in Sanic.
        """
        for task in self._open:
            # The library takes it for the end of the connection, and says goodbye.
            task.cancel()
        if self._open:
            await asyncio.wait(self._open, timeout=wait_s)
        await self._server.shutdown()
        for task in filter(_is_left_over, asyncio.all_tasks()):
            # One of each connection that was ever open sleeps up to 25 s, and one of each that was
            # cancelled goes on reading; each would be complained about when the loop ends.
            task.cancel()


def _is_left_over(task: "asyncio.Task[Any]") -> bool:
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and not LIBRARIES.isdisjoint(Path(code.co_filename).parents)
