"""The page of one ticket."""

from typing import Any

from fastapi import APIRouter, Request, Response

from desk.accounts import SignedIn, current
from desk.pages.reference import Reference
from desk.pages.rendering import page
from desk.pages.shop import category_names, suggested
from desk.pages.ticket_view import TicketView, ticket_view
from desk.state import Desk, TheDesk
from nlu.assessment import Intensity, Polarity
from tickets.replies import new_id

router = APIRouter(prefix="/tickets/{reference}")


@router.get("")
def ticket(request: Request, reference: Reference, agent: current.Agent, desk: TheDesk) -> Response:
    """The page."""
    view = ticket_view(desk, reference)
    return page(
        request,
        "ticket.html.j2",
        agent,
        **shown(desk, agent, view),
        said="",
        reply_id=new_id(),
        suggested=suggested(desk.settings, view.key),
        max_chars=desk.settings.max_message_chars,
    )


@router.get("/live")
def live(request: Request, reference: Reference, agent: current.Agent, desk: TheDesk) -> Response:
    """What changes on the page without the agent's doing; never the box that they write in."""
    return page(
        request, "ticket_live.html.j2", agent, **shown(desk, agent, ticket_view(desk, reference))
    )


def answer(
    request: Request,
    agent: SignedIn,
    desk: Desk,
    reference: str,
    said: str,
    status_code: int = 200,
) -> Response:
    """The page's changed parts, after the agent did something.

    Args:
        request: What is answered.
        agent: Who did it.
        desk: The desk.
        reference: Of the ticket.
        said: What came of it.
        status_code: 200, or 409 where nothing came of it.
    """
    values = shown(desk, agent, ticket_view(desk, reference))
    return page(
        request, "ticket_changed.html.j2", agent, status_code=status_code, said=said, **values
    )


def shown(desk: Desk, agent: SignedIn, view: TicketView) -> dict[str, Any]:
    """What the templates of a ticket show."""
    agents = desk.accounts.people.active()
    return {
        "view": view,
        "ticket": view.ticket,
        "login": agent.agent.login,
        "agents": agents,
        "names": {one.login: one.name for one in agents},
        "polarities": tuple(Polarity),
        "intensities": tuple(Intensity),
        "categories": category_names(desk.settings),
    }
