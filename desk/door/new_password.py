"""Setting another password in place of one that was lost."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from amends.service_tokens import service_key
from desk.accounts.refusals import AccountError
from desk.accounts.resets import BadResetError, Resets
from desk.door.browser import hashing
from desk.door.strangers import is_own_form, stranger_page
from desk.errors import refusal
from desk.state import Desk, TheDesk

router = APIRouter()

STALE = "This page was open for too long. Enter the password and send it again."


@router.get("/new-password/{token}")
def ask(request: Request, desk: TheDesk, token: str) -> Response:
    """The form."""
    try:
        _resets(desk).check(token)
    except BadResetError as error:
        return refusal(request, 410, str(error))
    return stranger_page(request, "new_password.html.j2", problem="")


@router.post("/new-password/{token}")
async def set_password(
    request: Request,
    desk: TheDesk,
    token: str,
    is_own: Annotated[bool, Depends(is_own_form)],
    password: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Set it, or say why not."""
    try:
        if not is_own:
            return stranger_page(request, "new_password.html.j2", status_code=403, problem=STALE)
        await hashing(lambda: _resets(desk).use(token, password))
    except BadResetError as error:
        return refusal(request, 410, str(error))
    except AccountError as error:
        words = str(error)
        return stranger_page(request, "new_password.html.j2", status_code=400, problem=words)
    return RedirectResponse("/sign-in", 303)


def _resets(desk: Desk) -> Resets:
    return Resets(desk.accounts, service_key(desk.settings))
