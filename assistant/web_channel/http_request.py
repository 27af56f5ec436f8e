"""What the channel's HTTP addresses have in common: bodies with a cap, refusals with words."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any

from sanic.exceptions import PayloadTooLarge, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from assistant.web_channel.refusals import RefusedError
from assistant.web_channel.sockets import language_of
from assistant.web_channel.words import Words

Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]


def worded(words: Words) -> Callable[[Handler], Handler]:
    """Answer with code and words where a handler refuses."""

    def around(handler: Handler) -> Handler:
        @functools.wraps(handler)
        async def answered(request: Request) -> HTTPResponse:
            try:
                return await handler(request)
            except RefusedError as refused:
                return refused.response(words, _language(request))

        return answered

    return around


async def read_body(request: Request, max_bytes: int, too_big: RefusedError) -> None:
    """Receive a request's body; the route must be one that streams.

    Sanic would hold a hundred megabytes of anything for everybody.

    Raises:
        RefusedError: `too_big` where it is; bad_message where it is no HTTP.
    """
    stream = request.stream
    if stream is not None:
        stream.request_max_size = max_bytes
    try:
        await request.receive_body()
    except PayloadTooLarge as error:
        raise too_big from error
    except SanicException as error:
        raise RefusedError("bad_message") from error


async def read_json(request: Request, max_bytes: int) -> dict[str, Any]:
    """Receive a JSON object; `{}` where there is no body.

    Raises:
        RefusedError: bad_message.
    """
    await read_body(request, max_bytes, RefusedError("bad_message"))
    if not request.body:
        return {}
    try:
        found = request.json
    except SanicException as error:
        raise RefusedError("bad_message") from error
    if not isinstance(found, dict):
        raise RefusedError("bad_message")
    return found


def bearer(request: Request) -> str | None:
    """The token of `Authorization: Bearer …`; None without one."""
    kind, _, token = (request.headers.get("authorization") or "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _language(request: Request) -> str:
    """What the page asked for in `?language=`, else what the browser prefers."""
    return language_of(request.args.get("language") or request.headers.get("accept-language"))
