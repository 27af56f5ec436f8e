"""Brings what the chat assistant and the shopper say to one another onto the page."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from amends.errors import AmendsError
from desk.accounts import current
from desk.pages.reference import Reference
from desk.state import TheDesk
from tickets.transcripts import sync

router = APIRouter(prefix="/tickets/{reference}")

AWAY = "The chat cannot be read right now; what is stored is shown."


@router.post("/pull")
def pull(
    reference: Reference, _: current.CheckedAgent, desk: TheDesk, opened: bool = False
) -> Response:
    """Store what is new in the conversation; open pages are told of it as of every change.

    While a person talks both sides are stored as they write, so nothing is asked for then, unless
    the page was just `opened`.
    """
    ticket = desk.store.get(reference)
    talks = desk.store.conversations.owner(ticket.conversation_id).talking if ticket else "agent"
    if ticket is None or (talks == "agent" and not opened):
        return PlainTextResponse("")
    try:
        sync(ticket.conversation_id, desk.settings, desk.store)
    except AmendsError:
        # Asked again in a few seconds; the page is whole as far as it goes.
        return PlainTextResponse(AWAY)
    return PlainTextResponse("")
