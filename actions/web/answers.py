"""How the web channel's requests are let in, and told why not."""

import logging
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sanic import HTTPResponse, Request
from sanic.exceptions import SanicException
from sanic.response import json

from amends.errors import AmendsError
from amends.service_tokens import TokenRefusedError, check_service_token, service_key
from amends.settings import get_settings

logger = logging.getLogger(__name__)

Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]
Body = TypeVar("Body", bound=BaseModel)

UNAVAILABLE = "Something is not working on our side. Please try again in a few minutes."


class RefusedError(Exception):
    """A request that is not taken.

    Attributes:
        status: Of HTTP.
        code: One of the protocol's.
        words: Why, and what to do.
    """

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(code)
        self.status, self.code, self.words = status, code, words


def for_channel(handler: Handler) -> Handler:
    """Let only the web channel in, and answer every failure with a code and words.

    What goes wrong is logged here: the SDK would send the error and the shopper's words along.
    """

    @wraps(handler)
    async def answer(request: Request) -> HTTPResponse:
        try:
            check_service_token(request.headers.get("authorization"), service_key(get_settings()))
            return await handler(request)
        except TokenRefusedError as error:
            return refusal(401, error.code, str(error))
        except RefusedError as error:
            return refusal(error.status, error.code, error.words)
        except AmendsError as error:
            logger.error("%s: %s", request.path, error)  # noqa: TRY400 - it says all there is
            return refusal(503, "unavailable", UNAVAILABLE)
        except Exception:  # Whatever it is, the channel needs an answer that it can read.
            logger.exception("%s failed", request.path)
            return refusal(503, "unavailable", UNAVAILABLE)

    return answer


def refusal(status: int, code: str, words: str) -> HTTPResponse:
    """The answer to what is not taken."""
    return json({"code": code, "words": words}, status=status)


def read_body(request: Request, model: type[Body]) -> Body:
    """The JSON of a request.

    Raises:
        RefusedError: it is no JSON or has other fields; names them, never their values.
    """
    try:
        return model.model_validate(request.json)
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, one["loc"])) for one in error.errors()}))
        found = fields or "something else than an object"
    except SanicException:
        found = "no JSON"
    raise RefusedError(
        400, "bad_message", f"Expected the fields of the protocol, found a problem with: {found}."
    )
