"""What every answer tells the browser to refuse."""

from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
YEAR_S = 365 * 24 * 3600
FOREVER = f"public, max-age={YEAR_S}, immutable"


class SecureHeaders:
    """Middleware that gives every answer these headers.

    Args:
        app: What answers.
        https: Whether browsers reach the desk over TLS.
    """

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                secure(MutableHeaders(scope=message), self._https, _caching(scope))
            await send(message)

        await self._app(scope, receive, guarded)


def secure(headers: MutableHeaders, https: bool, caching: str = "no-store") -> None:
    """Add to the headers of an answer whatever it lacks of them."""
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Cache-Control", caching)
    if https:
        headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_S}")


def _caching(scope: Scope) -> str:
    if not scope["path"].startswith("/static/"):
        return "no-store"
    # The address names the content, so it never changes.
    return FOREVER if "v" in parse_qs(scope["query_string"].decode("latin-1")) else "no-cache"
