"""Requests that other sites made a browser send."""

from fastapi import HTTPException, Request, status

OWN = ("same-origin", "none")


def refuse_other_sites(request: Request) -> None:
    """Make sure that a change was not asked for by a page elsewhere.

    Browsers say where a request comes from; what says nothing must still show its token.

    Raises:
        HTTPException: 403.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in OWN:
        raise HTTPException(
            status.HTTP_403_FORBIDDEN, "Another site asked for this. Nothing was changed."
        )
