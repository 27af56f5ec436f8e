"""What helpdesks and shoppers have not heard of yet."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from desk.api.answers import Deliveries, Delivery
from desk.api.door import DeliveriesRead
from desk.api.problems import documented
from desk.state import TheDesk

router = APIRouter(tags=["deliveries"])

MAX_LISTED = 1000


@router.get("/deliveries", responses=documented(401, 403, 422, 429, 503))
def list_deliveries(
    _: DeliveriesRead,
    desk: TheDesk,
    delivery: Annotated[
        Literal["pending", "dead"] | None, Query(description="Only these; both when left out.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED, description="At most so many.")] = 100,
) -> Deliveries:
    """What is still tried, and what is given up, oldest first."""
    listed = desk.store.outbox.undelivered(limit, delivery)
    return Deliveries(deliveries=tuple(map(Delivery.of, listed)))
