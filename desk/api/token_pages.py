"""Which other programs may come in: for administrators."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from desk.accounts import current
from desk.accounts.agents import SignedIn
from desk.api.scopes import MEANINGS
from desk.api.tokens import NAME_CHARS, TokenError
from desk.pages.rendering import page
from desk.state import Desk, TheDesk

HERE = "/administration/tokens"

router = APIRouter(prefix=HERE)

DAYS = {"30": "30 days", "90": "90 days", "365": "a year", "": "no end"}


@router.get("")
def tokens(request: Request, desk: TheDesk, me: current.Administrator) -> Response:
    """Every token, and a form for another one."""
    return _page(request, desk, me)


@router.post("")
def create(
    request: Request,
    desk: TheDesk,
    me: current.CheckedAdministrator,
    name: Annotated[str, Form(max_length=200)] = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    days: Annotated[str, Form(max_length=4)] = "",
) -> Response:
    """Make a token and show it; it is shown this once."""
    try:
        lasting = int(days) if days.isdecimal() else None
        secret, token = desk.tokens.create(name, scopes or [], me.agent.login, lasting)
    except TokenError as error:
        return _page(request, desk, me, problem=str(error))
    return _page(request, desk, me, secret=secret, made=token.name)


@router.post("/{token_id}/revoke")
def revoke(
    request: Request,
    desk: TheDesk,
    me: current.CheckedAdministrator,
    token_id: Annotated[int, Path(ge=1, le=2**31 - 1)],
) -> Response:
    """Let a token's holder in no more."""
    try:
        desk.tokens.revoke(token_id)
    except TokenError as error:
        return _page(request, desk, me, problem=str(error))
    return RedirectResponse(HERE, 303)


def _page(
    request: Request,
    desk: Desk,
    me: SignedIn,
    *,
    problem: str = "",
    secret: str = "",
    made: str = "",
) -> Response:
    return page(
        request,
        "tokens.html.j2",
        me,
        status_code=409 if problem else 200,
        tokens=desk.tokens.list(),
        scopes=MEANINGS,
        lasting=DAYS,
        name_chars=NAME_CHARS,
        problem=problem,
        secret=secret,
        made=made,
    )
