"""Who is asking: dependencies of every page and of whatever changes something."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request, status

from desk.accounts.agents import SignedIn
from desk.security.cookies import session_cookie
from desk.security.csrf import masked, matches
from desk.security.origin import refuse_other_sites
from desk.state import Desk, desk

HEADER = "X-CSRF-Token"
FIELD = "csrf_token"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class NotSignedInError(Exception):
    """Nobody is signed in; the app answers by sending the browser to the sign-in page."""


def signed_in(request: Request, desk: Annotated[Desk, Depends(desk)]) -> SignedIn:
    """The agent who asks.

    Raises:
        NotSignedInError: there is none, or the session has ended.
    """
    secret = request.cookies.get(session_cookie(desk.settings))
    found = desk.accounts.sessions.find(secret) if secret else None
    if found is None:
        raise NotSignedInError
    request.state.csrf_token = found.csrf_token
    return SignedIn(found.agent, masked(found.csrf_token), found.id)


def administrator(signed_in: Annotated[SignedIn, Depends(signed_in)]) -> SignedIn:
    """The administrator who asks.

    Raises:
        NotSignedInError: nobody is signed in.
        HTTPException: 403 for another agent.
    """
    if not signed_in.agent.is_administrator:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "This is for administrators.")
    return signed_in


async def checked(request: Request, signed_in: Annotated[SignedIn, Depends(signed_in)]) -> SignedIn:
    """The agent who asks for a change, from a page of the desk itself.

    The token is in the header `X-CSRF-Token` or in the form's field `csrf_token`.

    Raises:
        NotSignedInError: nobody is signed in.
        HTTPException: 403 when the token is missing or another session's, or another site asks.
    """
    refuse_other_sites(request)
    given = request.headers.get(HEADER) or await _field(request)
    if not matches(given, request.state.csrf_token):
        raise HTTPException(
            status.HTTP_403_FORBIDDEN,
            "This page is out of date. Nothing was changed: load it again and repeat.",
        )
    return signed_in


def checked_administrator(
    signed_in: Annotated[SignedIn, Depends(checked)],
) -> SignedIn:
    """The administrator who asks for a change, from a page of the desk itself.

    Raises:
        NotSignedInError: nobody is signed in.
        HTTPException: 403 for another agent, and as in `checked`.
    """
    return administrator(signed_in)


async def _field(request: Request) -> str:
    if not request.headers.get("content-type", "").startswith(FORMS):
        return ""
    value = (await request.form()).get(FIELD)
    return value if isinstance(value, str) else ""


Agent = Annotated[SignedIn, Depends(signed_in)]
"""For a page: `def queue(agent: current.Agent)`."""
Administrator = Annotated[SignedIn, Depends(administrator)]
CheckedAgent = Annotated[SignedIn, Depends(checked)]
"""For a change."""
CheckedAdministrator = Annotated[SignedIn, Depends(checked_administrator)]
