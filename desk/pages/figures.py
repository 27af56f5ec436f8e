"""How it goes: whether shoppers were helped, and how many tickets there are."""

from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from desk.accounts import current
from desk.pages.rendering import page
from desk.state import TheDesk
from tickets.case import Status
from tickets.queue import Filter

router = APIRouter()


@router.get("/figures")
def figures(request: Request, agent: current.Agent, desk: TheDesk) -> Response:
    """Ratings per week, and the tickets of now."""
    pages = {status: desk.store.queue.page(Filter(status=status)) for status in Status}
    zone = ZoneInfo(desk.settings.time_zone)
    return page(
        request,
        "figures.html.j2",
        agent,
        weeks=desk.store.ratings.weekly(zone=zone)[::-1],
        counts={status: found.total for status, found in pages.items()},
        owners=pages[Status.OPEN].counts_by_owner,
        names={one.login: one.name for one in desk.accounts.people.active()},
    )
