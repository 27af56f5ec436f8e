"""Which pages may use the channel, for requests and for sockets alike."""

from sanic.request import Request
from sanic.response import HTTPResponse
from sanic_cors.core import SANIC_CORS_EVALUATED

from assistant.web_channel.configuration import origin_of
from assistant.web_channel.refusals import RefusedError

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}


class Origins:
    """The list.

    Args:
        allowed: as `configuration.origin_of` writes them.
        prefix: path of the channel in Rasa's server; other paths are Rasa's own business.
    """

    def __init__(self, allowed: frozenset[str], prefix: str) -> None:
        self._allowed = allowed
        self._prefix = prefix

    def check(self, origin: str | None) -> None:
        """See that a page may use the channel.

        Raises:
            RefusedError: bad_origin, also without an origin.
        """
        if origin is None or origin_of(origin) not in self._allowed:
            raise RefusedError("bad_origin")

    async def allow(self, request: Request, response: HTTPResponse | None) -> None:
        """Let pages read an answer; to be called after every request, before Sanic-CORS is.

        Every page may: the answer to one that is not on the list is that it is not on the list, and
        the channel has no cookies that a page could ride on.
        """
        if response is None or not request.path.startswith(self._prefix):
            return
        # Whatever `rasa run --cors` says of Rasa's own addresses, ours have a list of their own.
        setattr(request.ctx, SANIC_CORS_EVALUATED, "1")
        response.headers.pop("Access-Control-Allow-Credentials", None)
        response.headers["Access-Control-Allow-Origin"] = "*"
        if request.method == "OPTIONS":
            response.headers.update(PREFLIGHT)
