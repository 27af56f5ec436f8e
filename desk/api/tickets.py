"""Reading tickets."""

from typing import Annotated

from fastapi import APIRouter, Query

from desk.api.answers import TicketStory
from desk.api.door import TicketsRead
from desk.api.problems import documented
from desk.api.values import Reference, Wanted
from desk.state import TheDesk
from tickets.lookup import NotFoundError
from tickets.queue import Page
from tickets.store import Ticket, TicketStore

router = APIRouter(tags=["tickets"])


@router.get("/tickets", responses=documented(401, 403, 422, 429, 503))
def list_tickets(_: TicketsRead, wanted: Annotated[Wanted, Query()], desk: TheDesk) -> Page:
    """Tickets that fit the filter: the most urgent first, then the resolved ones."""
    return desk.store.queue.page(wanted.filter)


@router.get("/tickets/{reference}", responses=documented(401, 403, 404, 422, 429, 503))
def read_ticket(_: TicketsRead, reference: Reference, desk: TheDesk) -> TicketStory:
    """One ticket: messages with their scores, notes, audit, rating, and who talks."""
    return TicketStory.of(desk.store, found(desk.store, reference))


def found(store: TicketStore, reference: str) -> Ticket:
    """The ticket of that reference.

    Raises:
        NotFoundError: there is none.
        TicketStoreError: the database cannot be read.
    """
    ticket = store.get(reference)
    if ticket is None:
        raise NotFoundError(
            f"Expected the reference of a ticket, found {reference}, which none has. "
            "List tickets with GET /api/v1/tickets."
        )
    return ticket
