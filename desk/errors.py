"""What somebody reads when something was not done: words, never a traceback."""

import logging
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk.accounts.current import NotSignedInError
from desk.accounts.refusals import AccountError, TooManyTriesError
from desk.api.problems import answer as problem
from desk.pages.rendering import page
from desk.security.cookies import is_https
from desk.security.headers import secure
from desk.state import desk
from tickets.database import DatabaseFaultError, TicketStoreError
from tickets.lookup import NotFoundError

logger = logging.getLogger(__name__)

API = "/api/"
SIGN_IN = "/sign-in"

WORDS = {
    404: "There is nothing at this address. It may have been closed or mistyped.",
    405: "This address does not take such a request.",
    500: "Something went wrong on our side. It was written down; try again in a moment.",
    503: "The ticket database cannot be reached right now. Nothing was changed; try again.",
}
UNREADABLE = "The desk could not read what was sent. Nothing was changed: check it and try again."


def refusal(
    request: Request, status: int, words: str, headers: dict[str, str] | None = None
) -> Response:
    """An answer that says why something was not done.

    JSON for programs, a page for people; htmx shows either as an error.
    """
    if request.url.path.startswith(API):
        return problem(status, words, headers)
    title = HTTPStatus(status).phrase
    answer = page(request, "refusal.html.j2", None, status_code=status, title=title, words=words)
    answer.headers.update(headers or {})
    return answer


def install(app: FastAPI) -> None:
    """Make the app answer errors this way."""

    @app.exception_handler(NotSignedInError)
    async def _not_signed_in(request: Request, _: NotSignedInError) -> Response:
        return to_sign_in(request)

    @app.exception_handler(HTTPException)
    async def _refused(request: Request, error: HTTPException) -> Response:
        is_default = error.detail == HTTPStatus(error.status_code).phrase
        words = WORDS.get(error.status_code, error.detail) if is_default else error.detail
        return refusal(request, error.status_code, words, dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def _unreadable(request: Request, _: RequestValidationError) -> Response:
        # Its own words would repeat what was sent.
        return refusal(request, 422, UNREADABLE)

    @app.exception_handler(TooManyTriesError)
    async def _too_many(request: Request, error: TooManyTriesError) -> Response:
        return refusal(request, 429, str(error), {"Retry-After": str(error.seconds)})

    @app.exception_handler(AccountError)
    async def _not_done(request: Request, error: AccountError) -> Response:
        return refusal(request, 409, str(error))

    @app.exception_handler(TicketStoreError)
    async def _not_possible(request: Request, error: TicketStoreError) -> Response:
        return refusal(request, 404 if isinstance(error, NotFoundError) else 409, str(error))

    @app.exception_handler(DatabaseFaultError)
    async def _no_database(request: Request, error: DatabaseFaultError) -> Response:
        # It names files and servers, which is for the log alone.
        logger.error("%s", error)
        return refusal(request, 503, WORDS[503], {"Retry-After": "5"})

    @app.exception_handler(Exception)
    async def _defect(request: Request, _: Exception) -> Response:
        answer = refusal(request, 500, WORDS[500])
        # Answered outside of all middleware, so the headers are added here.
        secure(answer.headers, is_https(desk(request).settings))
        return answer


def to_sign_in(request: Request) -> Response:
    """Send a browser to the sign-in page, and from there back to what it asked for."""
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": SIGN_IN})
    if "text/event-stream" in request.headers.get("accept", ""):
        return Response(status_code=401)
    query = f"?{request.url.query}" if request.url.query else ""
    came_for = f"{request.url.path}{query}" if request.method == "GET" else "/"
    where = f"?next={quote(came_for, safe='')}" if came_for != "/" else ""
    return RedirectResponse(f"{SIGN_IN}{where}", 303)
