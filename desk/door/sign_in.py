"""Signing in with a password, and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from desk.accounts.current import CheckedAgent
from desk.accounts.refusals import TooManyTriesError, WrongPasswordError
from desk.door.browser import address, hashing, signed_in_redirect
from desk.door.strangers import is_own_form, stranger_page
from desk.security.cookies import drop_cookie, session_cookie
from desk.security.redirects import local_path
from desk.state import Desk, TheDesk

router = APIRouter()

STALE = "This page was open for too long. Sign in again."


@router.get("/sign-in")
def ask(request: Request, desk: TheDesk, next: str = "/") -> Response:
    """The form."""
    where = local_path(next)
    secret = request.cookies.get(session_cookie(desk.settings))
    if secret and desk.accounts.sessions.find(secret):
        return RedirectResponse(where, 303)
    return sign_in_page(request, desk, where)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    desk: TheDesk,
    is_own: Annotated[bool, Depends(is_own_form)],
    login: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Let somebody in, or say why not."""
    where = local_path(next)
    if not is_own:
        return sign_in_page(request, desk, where, login, problem=STALE, status_code=403)
    try:
        agent = await hashing(lambda: desk.accounts.sign_in(login, password, address(request)))
    except WrongPasswordError as error:
        return sign_in_page(request, desk, where, login, problem=str(error), status_code=401)
    except TooManyTriesError as error:
        answer = sign_in_page(request, desk, where, login, problem=str(error), status_code=429)
        answer.headers["Retry-After"] = str(error.seconds)
        return answer
    return await hashing(lambda: signed_in_redirect(request, desk, agent, where))


@router.post("/sign-out")
def sign_out(desk: TheDesk, me: CheckedAgent) -> Response:
    """End the session of this browser."""
    desk.accounts.sessions.end(me.session_id)
    answer = RedirectResponse("/sign-in", 303)
    drop_cookie(answer, desk.settings, session_cookie(desk.settings))
    return answer


def sign_in_page(
    request: Request,
    desk: Desk,
    where: str,
    login: str = "",
    *,
    problem: str = "",
    status_code: int = 200,
) -> Response:
    """The form, and what was wrong with what was sent before."""
    return stranger_page(
        request,
        "sign_in.html.j2",
        status_code=status_code,
        next=where,
        login=login,
        problem=problem,
        has_issuer=bool(desk.settings.oidc_issuer),
    )
