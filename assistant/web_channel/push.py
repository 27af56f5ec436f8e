"""`POST push`: what an agent wrote, or that one joined or left, from the app to the shopper."""

from typing import Any

from sanic.request import Request
from sanic.response import HTTPResponse, json

from assistant.web_channel.http_request import bearer, read_json
from assistant.web_channel.kept import KeptError
from assistant.web_channel.limits import Limits
from assistant.web_channel.messages import MESSAGE_ID
from assistant.web_channel.refusals import RefusedError
from assistant.web_channel.session_tokens import SENDER, Tokens
from assistant.web_channel.telling import ROLES, Push, Telling


class PushEndpoint:
    """Takes what the app pushes."""

    def __init__(self, tokens: Tokens, telling: Telling, limits: Limits) -> None:
        self._tokens, self._telling, self._limits = tokens, telling, limits

    async def post(self, request: Request) -> HTTPResponse:
        """Answer with `shown`, the number of screens that were connected.

        Raises:
            RefusedError: bad_token, expired_token, bad_message; unavailable where it could not be
                written down anywhere.
        """
        self._tokens.check_service(bearer(request))
        push = _read(await read_json(request, self._limits.max_push_bytes))
        try:
            return json({"shown": await self._telling.tell(push)})
        except KeptError as error:
            raise RefusedError("unavailable") from error


def _read(body: dict[str, Any]) -> Push:
    name = body.get("name")
    texts = {key: body.get(key) for key in ("conversation", "id", "kind", "text")}
    if not all(isinstance(text, str) for text in (*texts.values(), name or "")):
        raise RefusedError("bad_message")
    push = Push(**texts, name=name or None)
    known = SENDER.fullmatch(push.conversation) and MESSAGE_ID.fullmatch(push.id)
    if not known or push.kind not in ROLES or (push.kind == "message" and not push.text.strip()):
        raise RefusedError("bad_message")
    return push
