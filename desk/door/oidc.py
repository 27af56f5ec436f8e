"""Signing in with an account elsewhere, by OpenID Connect."""

import asyncio
import logging
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from desk.door.browser import signed_in_redirect
from desk.door.issuer import CALLBACK, PATH, Issuer, IssuerError
from desk.door.sign_in import sign_in_page
from desk.security.redirects import local_path
from desk.state import TheDesk

logger = logging.getLogger(__name__)
router = APIRouter()

NOT_THERE = "Signing in with the company account did not work. Try again, or ask an administrator."
NOBODY = (
    "The company account is known, but nobody with it may sit at this desk. Ask an administrator "
    "to let you in under the e-mail address of that account."
)
NEXT = "next"


def _issuer(request: Request) -> Issuer:
    issuer: Issuer | None = request.app.state.issuer
    if issuer is None:
        raise HTTPException(404)
    return issuer


TheIssuer = Annotated[Issuer, Depends(_issuer)]


@router.get(PATH)
async def leave(
    request: Request,
    desk: TheDesk,
    issuer: TheIssuer,
    next: str = "/",
) -> Response:
    """Send the browser to the issuer."""
    where = local_path(next)
    request.session[NEXT] = where
    try:
        return await issuer.send(request)
    except IssuerError as error:
        logger.error("%s", error)  # noqa: TRY400 - the traceback may hold codes
        return sign_in_page(request, desk, where, problem=NOT_THERE, status_code=502)


@router.get(CALLBACK)
async def come_back(request: Request, desk: TheDesk, issuer: TheIssuer) -> Response:
    """Let in whoever comes back and has an account; makes none."""
    where = local_path(str(request.session.pop(NEXT, "/")))
    try:
        found = await issuer.identity(request)
    except IssuerError as error:
        logger.error("%s", error)  # noqa: TRY400 - the traceback may hold codes
        return sign_in_page(request, desk, where, problem=NOT_THERE, status_code=403)
    people = desk.accounts.people
    agent = await asyncio.to_thread(people.recognise, issuer.address, found.subject, found.email)
    if agent is None:
        return sign_in_page(request, desk, where, problem=NOBODY, status_code=403)
    return await asyncio.to_thread(signed_in_redirect, request, desk, agent, where)
