"""The channel's addresses in Rasa's server, and what starts and stops with it."""

from typing import Any

from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

from assistant.web_channel.configuration import Configuration
from assistant.web_channel.http_request import read_body, worded
from assistant.web_channel.limits import Limits
from assistant.web_channel.parts import MakeBehind, Parts
from assistant.web_channel.refusals import RefusedError

PREFIX = "/webhooks/web/"
STOP_S = 3.0


class WebBlueprint(Blueprint):
    """Registers the channel in a Sanic app."""

    def __init__(self, configuration: Configuration, limits: Limits, behind: MakeBehind) -> None:
        super().__init__("web_channel")
        self.ctx.behind = behind
        self.ctx.configuration = configuration
        self.ctx.limits = limits

    def register(self, app: Sanic, options: dict[str, Any]) -> None:
        """Add routes and listeners; called by Sanic."""
        limits = self.ctx.limits
        app.enable_websocket()
        app.config.WEBSOCKET_MAX_SIZE = limits.max_frame_bytes
        parts = Parts(
            self.ctx.configuration, limits, lambda: app.ctx.agent, PREFIX, self.ctx.behind
        )
        app.register_middleware(parts.origins.allow, "response")
        _add_routes(self, parts, limits)
        _add_listeners(self, parts)
        super().register(app, options)


def _add_routes(blueprint: Blueprint, parts: Parts, limits: Limits) -> None:
    around = worded(parts.words)

    async def socket(request: Request) -> HTTPResponse:
        too_long = RefusedError("too_long", max_chars=limits.max_chars)
        await read_body(request, limits.max_frame_bytes, too_long)
        answer: HTTPResponse = await parts.connections.handle(request)
        return answer

    posts = {
        "/session": parts.session.post,
        "/attachments": parts.attachments.post,
        "/push": parts.push.post,
        "/forget": parts.forget.post,
        "/record": parts.forget.record,
    }
    for path, post in posts.items():
        blueprint.add_route(around(post), path, methods=["POST"], stream=True, name=path[1:])
    blueprint.add_route(
        around(socket), "/socket.io/", methods=["GET", "POST"], stream=True, name="socket"
    )
    blueprint.add_route(
        around(parts.transcript.get), "/transcript", methods=["GET"], name="transcript"
    )
    blueprint.add_route(around(parts.widget.get), "/widget.js", methods=["GET"], name="widget")
    blueprint.add_route(health, "/", methods=["GET"], name="health")


async def health(_: Request) -> HTTPResponse:
    """The channel is there."""
    return json({"status": "ok"})


def _add_listeners(blueprint: Blueprint, parts: Parts) -> None:
    async def start(*_: object) -> None:
        parts.start()

    async def stop(*_: object) -> None:
        await parts.stop(STOP_S)

    blueprint.listener("after_server_start")(start)
    blueprint.listener("before_server_stop")(stop)
