"""The routes that the web channel calls, on the action server's port."""

from typing import Any

from sanic import Sanic

from actions.web.attachments import attachments
from actions.web.inbox import inbox
from actions.web.ratings import ratings


def add_routes(app: Sanic[Any, Any]) -> None:
    """Add them; every one asks for a service token."""
    app.add_route(inbox, "/inbox", methods=["POST"])
    app.add_route(ratings, "/ratings", methods=["POST"])
    # Streamed, so that a file that is too large is refused before it is all in memory.
    app.add_route(attachments, "/attachments", methods=["POST"], stream=True)
