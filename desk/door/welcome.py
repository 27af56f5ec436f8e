"""Making an account by an invitation."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from desk.accounts.agents import Role
from desk.accounts.invitations import BadInvitationError
from desk.accounts.refusals import AccountError
from desk.door.browser import hashing, signed_in_redirect
from desk.door.strangers import is_own_form, stranger_page
from desk.errors import refusal
from desk.state import TheDesk

router = APIRouter()

STALE = "This page was open for too long. Enter the password and send it again."


@dataclass(frozen=True)
class Filled:
    """What somebody typed before something was wrong with it."""

    login: str = ""
    name: str = ""


@router.get("/welcome/{invitation}")
def ask(request: Request, desk: TheDesk, invitation: str) -> Response:
    """The form."""
    try:
        role = desk.accounts.invitations.role(invitation)
    except BadInvitationError as error:
        return refusal(request, 410, str(error))
    return _form(request, role)


@router.post("/welcome/{invitation}")
async def welcome(
    request: Request,
    desk: TheDesk,
    invitation: str,
    is_own: Annotated[bool, Depends(is_own_form)],
    login: Annotated[str, Form(max_length=200)] = "",
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Make the account and sign its owner in, or say why not."""
    filled = Filled(login, name)
    accounts = desk.accounts
    try:
        role = await hashing(lambda: accounts.invitations.role(invitation))
        if not is_own:
            return _form(request, role, STALE, 403, filled)
        agent = await hashing(lambda: accounts.welcome(invitation, login, name, password))
    except BadInvitationError as error:
        return refusal(request, 410, str(error))
    except AccountError as error:
        return _form(request, role, str(error), 400, filled)
    return await hashing(lambda: signed_in_redirect(request, desk, agent, "/"))


def _form(
    request: Request,
    role: Role,
    problem: str = "",
    status_code: int = 200,
    filled: Filled = Filled(),
) -> Response:
    return stranger_page(
        request,
        "welcome.html.j2",
        status_code=status_code,
        role=role,
        problem=problem,
        filled=filled,
    )
