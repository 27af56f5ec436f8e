"""The queue: which tickets there are, the most urgent first."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from desk.accounts import SignedIn, current
from desk.pages.rendering import page
from desk.pages.shop import category_names
from desk.pages.words import RULES
from desk.saved_views import as_query
from desk.state import Desk, TheDesk
from tickets.case import Status
from tickets.queue import NOBODY, Filter

router = APIRouter()

MINE = "mine"
"""Owner in an address: whoever reads it."""

Wanted = Annotated[Filter, Query()]


@router.get("/")
def queue(request: Request, agent: current.Agent, desk: TheDesk, wanted: Wanted) -> Response:
    """The page of the queue, with its filters."""
    return page(
        request,
        "queue.html.j2",
        agent,
        **_shown(desk, agent, wanted),
        agents=desk.accounts.people.active(),
        categories=category_names(desk.settings),
        rules=RULES,
        statuses=tuple(Status),
        views=desk.views.of(agent.agent.id),
    )


@router.get("/queue")
def queue_rows(request: Request, agent: current.Agent, desk: TheDesk, wanted: Wanted) -> Response:
    """The part of the page that changes, for htmx."""
    return page(request, "queue_rows.html.j2", agent, **_shown(desk, agent, wanted))


def _shown(desk: Desk, agent: SignedIn, wanted: Filter) -> dict[str, Any]:
    login = agent.agent.login
    named = wanted.model_copy(update={"owner": login}) if wanted.owner == MINE else wanted
    return {
        "queue": desk.store.queue.page(named),
        "wanted": wanted,
        "query": as_query(wanted),
        "names": {one.login: one.name for one in desk.accounts.people.active()},
        "login": login,
        "nobody": NOBODY,
        "mine": MINE,
    }
