"""What every part of the desk works with."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from amends.settings import Settings
from desk.accounts.store import Accounts
from desk.api.tokens import TokenStore
from desk.live import Live
from desk.saved_views import SavedViews
from tickets.store import TicketStore


@dataclass(frozen=True)
class Desk:
    """The parts that last as long as the server.

    Attributes:
        settings: How it is set up.
        store: Tickets, conversations, labels.
        accounts: Who may sit here, and who does.
        live: Tells open pages of changes.
        tokens: Which other programs may come in.
        views: Queues that agents want to find again.
    """

    settings: Settings
    store: TicketStore
    accounts: Accounts
    live: Live
    tokens: TokenStore
    views: SavedViews


def desk(request: Request) -> Desk:
    """Dependency: the desk that answers the request."""
    return cast(Desk, request.app.state.desk)


TheDesk = Annotated[Desk, Depends(desk)]
"""For an endpoint: `def queue(desk: TheDesk)`."""
