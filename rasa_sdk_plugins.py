"""What the SDK's action server is extended with; it looks for a module of this name.

Adds `GET /ready`, for the server's own `/health` answers ok whatever is broken, and what the web
channel needs: `POST /inbox`, `/attachments` and `/ratings`.
"""

import asyncio
import sys

from pluggy import HookimplMarker, PluginManager
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from actions import services
from actions.web.routes import add_routes
from nlu.assessment import Assessment
from nlu.reloading import KNOWN

DEADLINE_S = 60.0

hookimpl = HookimplMarker("rasa_sdk")


def init_hooks(manager: PluginManager) -> None:
    """Register this module's hooks; called by the SDK."""
    manager.register(sys.modules[__name__])


@hookimpl
def attach_sanic_app_extensions(app: Sanic) -> None:
    """Add the routes; called by the SDK."""
    app.add_route(ready, "/ready", methods=["GET"])
    add_routes(app)


async def ready(_: Request) -> HTTPResponse:
    """200 once a known sentence was scored, templates were read and the ticket store opened."""
    try:
        async with asyncio.timeout(DEADLINE_S):
            scored = await asyncio.wrap_future(services.assessor().submit(KNOWN))
            await asyncio.to_thread(_open_the_rest)
    except Exception as error:  # noqa: BLE001 - not ready is an answer, whatever the reason
        return json({"ready": False, "reason": f"{type(error).__name__}: {error}"}, status=503)
    model = scored.model if isinstance(scored, Assessment) else None
    return json({"ready": True, "model": model})


def _open_the_rest() -> None:
    services.replies()
    services.languages().warm_up()
    services.categories()
    services.policies()
    services.ticket_store()
