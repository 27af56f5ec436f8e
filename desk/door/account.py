"""One's own account: name, password, and in which browsers one is signed in."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from desk.accounts import current
from desk.accounts.agents import SignedIn
from desk.accounts.refusals import AccountError
from desk.door.browser import SessionId, address, hashing
from desk.pages.rendering import page
from desk.state import Desk, TheDesk

router = APIRouter(prefix="/account")


@router.get("")
def account(request: Request, desk: TheDesk, me: current.Agent, done: str = "") -> Response:
    """The page."""
    return _page(request, desk, me, done=done)


@router.post("/name")
def rename(
    request: Request,
    desk: TheDesk,
    me: current.CheckedAgent,
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Change what shoppers read, from the next conversation on."""
    try:
        desk.accounts.people.rename(me.agent.id, name)
    except AccountError as error:
        return _page(request, desk, me, problem=str(error))
    return RedirectResponse("/account?done=name", 303)


@router.post("/password")
async def change_password(
    request: Request,
    desk: TheDesk,
    me: current.CheckedAgent,
    old: Annotated[str, Form(max_length=200)] = "",
    new: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Change the password and put out every other browser."""
    try:
        await hashing(
            lambda: desk.accounts.change_password(
                me.agent, old, new, address(request), me.session_id
            )
        )
    except AccountError as error:
        problem = str(error)
        return await hashing(lambda: _page(request, desk, me, problem=problem))
    return RedirectResponse("/account?done=password", 303)


@router.post("/sessions/{session_id}/end")
def end_session(desk: TheDesk, me: current.CheckedAgent, session_id: SessionId) -> Response:
    """Put out one of one's own browsers.

    Raises:
        HTTPException: 404 when none of one's own is called that.
    """
    if not desk.accounts.sessions.end(session_id, of=me.agent.id):
        raise HTTPException(404, "You are not signed in there any more.")
    return RedirectResponse("/account?done=session", 303)


@router.post("/sessions/end-others")
def end_others(desk: TheDesk, me: current.CheckedAgent) -> Response:
    """Put out all of one's own browsers but this."""
    desk.accounts.sessions.end_all(me.agent.id, but=me.session_id)
    return RedirectResponse("/account?done=session", 303)


DONE = {
    "name": "Your name was changed.",
    "password": "Your password was changed. You are signed out everywhere else.",
    "session": "Signed out there.",
}


def _page(
    request: Request, desk: Desk, me: SignedIn, *, done: str = "", problem: str = ""
) -> Response:
    return page(
        request,
        "account.html.j2",
        me,
        status_code=400 if problem else 200,
        account=desk.accounts.people.get(me.agent.id),
        sessions=desk.accounts.sessions.of(me.agent.id),
        done=DONE.get(done, ""),
        problem=problem,
    )
