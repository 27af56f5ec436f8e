"""Forms of people who are not signed in: their CSRF token stands in a cookie and in the form."""

from datetime import timedelta

from fastapi import Request, Response

from desk.accounts.current import FIELD, HEADER
from desk.pages.rendering import page
from desk.security.cookies import set_cookie, stranger_cookie
from desk.security.csrf import is_token, masked, matches, new_token
from desk.security.origin import refuse_other_sites
from desk.state import desk

AGE = timedelta(hours=12)


def stranger_page(
    request: Request, name: str, /, *, status_code: int = 200, **values: object
) -> Response:
    """A page with a form, and the cookie that the form is checked with."""
    settings = desk(request).settings
    token = _token(request) or new_token()
    answer = page(request, name, None, status_code=status_code, csrf_token=masked(token), **values)
    set_cookie(answer, settings, stranger_cookie(settings), token, AGE)
    return answer


async def is_own_form(request: Request) -> bool:
    """Dependency: whether a form came from a page of the desk, in the browser that got it.

    Raises:
        HTTPException: 403 when another site asks.
    """
    refuse_other_sites(request)
    token = _token(request)
    given = request.headers.get(HEADER) or (await request.form()).get(FIELD)
    return token is not None and isinstance(given, str) and matches(given, token)


def _token(request: Request) -> str | None:
    value = request.cookies.get(stranger_cookie(desk(request).settings), "")
    return value if is_token(value) else None
