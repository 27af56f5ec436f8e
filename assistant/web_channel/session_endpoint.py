"""`POST session`: a token for whoever opens the chat."""

from sanic.request import Request
from sanic.response import HTTPResponse, json

from assistant.web_channel.gate import address_of
from assistant.web_channel.http_request import read_json
from assistant.web_channel.limits import Buckets, Limits
from assistant.web_channel.origins import Origins
from assistant.web_channel.refusals import RefusedError
from assistant.web_channel.session_tokens import Tokens


class SessionEndpoint:
    """Gives out chat tokens."""

    def __init__(self, tokens: Tokens, origins: Origins, limits: Limits) -> None:
        self._tokens = tokens
        self._origins = origins
        self._limits = limits
        self._asked = Buckets(limits.sessions_of_address)

    async def post(self, request: Request) -> HTTPResponse:
        """Answer with `token` and `expires_at`, in seconds since 1970.

        Raises:
            RefusedError: bad_origin, too_many, bad_message, bad_token, expired_token, no_identity.
        """
        self._origins.check(request.headers.get("origin"))
        wait = self._asked.take(address_of(request))
        if wait:
            raise RefusedError.too_many(wait)
        body = await read_json(request, self._limits.max_session_bytes)
        token = self._token(body.get("token"), body.get("identity"))
        expires_at = self._tokens.shopper(token).expires_at
        return json({"token": token, "expires_at": expires_at})

    def _token(self, old: object, identity: object) -> str:
        if identity is not None:
            return self._tokens.identified(identity)
        return self._tokens.stranger() if old is None else self._tokens.renewed(old)
