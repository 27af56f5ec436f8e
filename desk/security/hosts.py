"""Requests for another host than the desk's: a site whose name was pointed at this machine."""

from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from amends.settings import Settings
from desk.errors import refusal

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class OwnHost:
    """Middleware that answers under the desk's own names alone.

    Args:
        app: What answers.
        settings: Say what the desk's names are.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        desk = urlsplit(settings.desk_address).hostname or ""
        self._names = {*THIS_MACHINE, settings.host.lower(), desk}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse with 400."""
        if scope["type"] != "http" or self._is_own(Headers(scope=scope).getlist("host")):
            await self._app(scope, receive, send)
            return
        words = (
            "The desk does not go by this name. Open it by its own address; an operator sets "
            "that in AMENDS_DESK_URL."
        )
        await refusal(Request(scope), 400, words)(scope, receive, send)

    def _is_own(self, hosts: list[str]) -> bool:
        try:
            names = [urlsplit(f"//{host}").hostname for host in hosts]
        except ValueError:
            return False
        return len(names) == 1 and names[0] in self._names
