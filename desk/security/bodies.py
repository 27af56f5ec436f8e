"""How much somebody may send at once."""

from fastapi import HTTPException, status
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 256 * 1024


class ShortBodies:
    """Middleware that stops reading after `LONGEST` bytes; whoever reads on gets a 413."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        length = 0

        async def counted() -> Message:
            nonlocal length
            message = await receive()
            length += len(message.get("body", b""))
            if length > LONGEST:
                raise HTTPException(
                    status.HTTP_413_CONTENT_TOO_LARGE,
                    f"That is more than {LONGEST // 1024} kB. Shorten it and send it again.",
                )
            return message

        await self._app(scope, counted if scope["type"] == "http" else receive, send)
