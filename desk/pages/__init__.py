"""Pages of the desk: the queue and the ticket."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from desk.accounts.agents import SignedIn
from desk.accounts.current import signed_in
from desk.pages.rendering import page

router = APIRouter()


@router.get("/")
def queue(request: Request, agent: Annotated[SignedIn, Depends(signed_in)]) -> Response:
    """The queue."""
    return page(request, "queue.html.j2", agent)
