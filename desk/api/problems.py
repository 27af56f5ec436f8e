"""What the API answers when it cannot do what was asked: problem details (RFC 9457) with words."""

import logging
import re
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from amends.channel_client import PushError
from amends.errors import AmendsError
from amends.service_tokens import ServiceKeyError
from tickets.database import DatabaseFaultError, TicketStoreError
from tickets.labels import LabelError
from tickets.lookup import NotFoundError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class Fault(BaseModel):
    """What is wrong with one part of a request.

    Attributes:
        where: Such as `body.text` or `query.page`.
        expected: What should stand there.
    """

    where: str
    expected: str


class Problem(BaseModel):
    """Why a request was not carried out (RFC 9457).

    Attributes:
        type: Always `about:blank`: the title says what the status says.
        title: The status in words.
        status: The HTTP status.
        detail: What was expected, what was found, and what to do.
        errors: For 422: every part of the request that is wrong.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None


class ProblemError(AmendsError):
    """Ends a request with a problem."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.headers = status, headers


def answer(
    status: int,
    detail: str,
    headers: dict[str, str] | None = None,
    errors: list[Fault] | None = None,
) -> JSONResponse:
    """A problem as a response."""
    title = HTTPStatus(status).phrase
    problem = Problem(title=title, status=status, detail=detail, errors=errors)
    content = problem.model_dump(exclude_none=True)
    return JSONResponse(content, status, headers, media_type=MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of these statuses."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Answer every error of an app with a problem."""
    app.exception_handler(ProblemError)(_problem)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(AmendsError)(_refused)
    app.exception_handler(Exception)(_defect)


def refused(error: AmendsError) -> JSONResponse:
    """What an error of another room is answered with."""
    if isinstance(error, DatabaseFaultError | ServiceKeyError):
        # It names files and servers, which are nothing to another program.
        logger.error("%s", error)
        return answer(503, _BROKEN, {"Retry-After": "5"})
    for kind, status in _STATUSES.items():
        if isinstance(error, kind):
            return answer(status, _ADVICE.sub(_INSTEAD.get(status, ""), str(error)))
    raise error


# What to type on the command line is no advice to another program.
_ADVICE = re.compile(r" (?:See|Run|Ask) [^`]*`amends [^`]*`\.$")
_INSTEAD = {
    HTTPStatus.NOT_FOUND: " List tickets with GET /api/v1/tickets.",
    HTTPStatus.CONFLICT: " See how it stands with GET /api/v1/tickets/{reference}.",
}


_BROKEN = (
    "Expected a desk that is set up and has its database, found one that does not. Nothing was "
    "changed: try again in some seconds, and see the desk's log."
)

# In this order: some are kinds of others.
_STATUSES: dict[type[AmendsError], HTTPStatus] = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    TicketStoreError: HTTPStatus.CONFLICT,
    LabelError: HTTPStatus.UNPROCESSABLE_ENTITY,
    PushError: HTTPStatus.BAD_GATEWAY,
}


def _problem(_: Request, error: ProblemError) -> JSONResponse:
    return answer(error.status, str(error), error.headers)


def _refused(_: Request, error: AmendsError) -> JSONResponse:
    return refused(error)


def _http(request: Request, error: HTTPException) -> JSONResponse:
    words = {
        404: "Expected an address of this API, found another one. See /api/v1/openapi.json.",
        405: f"Expected a method that this address knows, found {request.method}. "
        "See /api/v1/openapi.json.",
    }
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _methods(request)
    return answer(error.status_code, words.get(error.status_code, str(error.detail)), headers)


def _methods(request: Request) -> str:
    # Starlette names those of the first route alone.
    parts = request.url.path.removeprefix(request.scope.get("root_path", "")).split("/")
    found: set[str] = set()
    for path, operations in request.app.openapi()["paths"].items():
        template = path.split("/")
        fits = [part in (given, "{}") for part, given in zip(_open(template), parts, strict=False)]
        if len(template) == len(parts) and all(fits):
            found.update(map(str.upper, operations))
    return ", ".join(sorted(found))


def _open(template: list[str]) -> list[str]:
    return ["{}" if part.startswith("{") else part for part in template]


def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
    # What was sent is not repeated: it may be a shopper's, and it may be no text at all.
    faults = [
        Fault(
            where=".".join(map(_plain, found["loc"])),
            expected=_plain(found["msg"]).removeprefix("Value error, "),
        )
        for found in error.errors()
    ]
    first = faults[0]
    detail = f"{first.where}: {first.expected}. Correct it; see /api/v1/openapi.json."
    return answer(422, detail, errors=faults)


def _plain(part: object) -> str:
    return str(part).encode(errors="replace").decode()


def _defect(_: Request, error: Exception) -> JSONResponse:
    return answer(500, "Amends has a defect here. See the desk's log.")
