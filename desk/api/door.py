"""Who gets into the API: a middleware for tokens, rate and size, a dependency for scopes."""

import asyncio
from typing import Annotated, cast

from fastapi import Depends, HTTPException, Request, Security
from fastapi.security import HTTPBearer, SecurityScopes
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from amends.errors import AmendsError
from desk.api.problems import ProblemError, answer, refused
from desk.api.rate import Limiter
from desk.api.scopes import Scope as TokenScope
from desk.api.tokens import Caller, NoEntryError, TokenStore

MAX_BODY = 256 * 1024
"""Bytes of a request: a reply of the longest length that can be set fits."""

OPEN = "/openapi.json"
"""What is read without a token: it says how to get one."""

REALM = 'Bearer realm="amends"'


class Door:
    """Lets in whoever has a token, before anything else of the request is read.

    Cookies are not looked at: a page of another site cannot use an agent's browser here.
    """

    def __init__(self, app: ASGIApp, tokens: TokenStore, limiter: Limiter) -> None:
        self._app, self._tokens, self._limiter = app, tokens, limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on with who makes it."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or path == OPEN:
            await self._app(scope, receive, send)
            return
        try:
            caller = await asyncio.to_thread(self._admit, Headers(scope=scope))
        except ProblemError as error:
            await answer(error.status, str(error), error.headers)(scope, receive, send)
        except AmendsError as error:
            await refused(error)(scope, receive, send)
        else:
            scope.setdefault("state", {})["caller"] = caller
            await self._app(scope, _limited(receive), send)

    def _admit(self, headers: Headers) -> Caller:
        kind, _, secret = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secret:
            raise ProblemError(401, _NO_TOKEN, {"WWW-Authenticate": REALM})
        try:
            caller = self._tokens.admit(secret.strip())
        except NoEntryError as error:
            wrong = {"WWW-Authenticate": f'{REALM}, error="invalid_token"'}
            raise ProblemError(401, f"{error} {_ASK}", wrong) from error
        seconds = self._limiter.wait(caller.token_id)
        if seconds:
            raise ProblemError(429, _too_many(seconds), {"Retry-After": str(seconds)})
        if int(headers.get("content-length", "0")) > MAX_BODY:
            raise ProblemError(413, _TOO_LARGE)
        return caller


_ASK = "Ask an administrator of the desk for one."
_NO_TOKEN = f"Expected a token in the header Authorization: Bearer, found none. {_ASK}"

_TOO_LARGE = f"Expected a request of at most {MAX_BODY} bytes, found a larger one. Send less."


def _too_many(seconds: int) -> str:
    return f"Expected fewer requests, found more than a token may make. Wait {seconds} s."


def _limited(receive: Receive) -> Receive:
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MAX_BODY:
            # FastAPI lets no other error through where it reads the body.
            raise HTTPException(413, _TOO_LARGE)
        return message

    return limited


_bearer = HTTPBearer(
    scheme_name="token",
    auto_error=False,
    description="A token that an administrator of the desk made; the scopes are what it needs.",
)


def allowed(
    request: Request, needed: SecurityScopes, _: Annotated[object, Depends(_bearer)]
) -> Caller:
    """Dependency: the program that asks, if its token's scopes reach so far.

    Raises:
        ProblemError: 403, with the scope that is missing.
    """
    caller = cast(Caller, request.state.caller)
    missing = [scope for scope in needed.scopes if scope not in caller.scopes]
    if missing:
        words = " ".join(missing)
        header = f'{REALM}, error="insufficient_scope", scope="{words}"'
        raise ProblemError(
            403,
            f"Expected a token with the scope {words}, found {caller.name!r} without it. "
            "Ask an administrator of the desk for another token.",
            {"WWW-Authenticate": header},
        )
    return caller


TicketsRead = Annotated[Caller, Security(allowed, scopes=[TokenScope.TICKETS_READ])]
TicketsWrite = Annotated[Caller, Security(allowed, scopes=[TokenScope.TICKETS_WRITE])]
ConversationsRead = Annotated[Caller, Security(allowed, scopes=[TokenScope.CONVERSATIONS_READ])]
ConversationsWrite = Annotated[Caller, Security(allowed, scopes=[TokenScope.CONVERSATIONS_WRITE])]
AttachmentsRead = Annotated[Caller, Security(allowed, scopes=[TokenScope.ATTACHMENTS_READ])]
LabelsRead = Annotated[Caller, Security(allowed, scopes=[TokenScope.LABELS_READ])]
LabelsWrite = Annotated[Caller, Security(allowed, scopes=[TokenScope.LABELS_WRITE])]
DeliveriesRead = Annotated[Caller, Security(allowed, scopes=[TokenScope.DELIVERIES_READ])]
