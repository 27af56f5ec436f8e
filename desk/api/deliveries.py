"""What helpdesks and shoppers have not heard of yet."""

from typing import Annotated

from fastapi import APIRouter, Query

from desk.api.answers import Deliveries, Delivery
from desk.api.door import DeliveriesRead
from desk.api.problems import documented
from desk.api.values import WantedDeliveries
from desk.state import TheDesk

router = APIRouter(tags=["deliveries"])


@router.get("/deliveries", responses=documented(401, 403, 422, 429, 503))
def list_deliveries(
    _: DeliveriesRead, wanted: Annotated[WantedDeliveries, Query()], desk: TheDesk
) -> Deliveries:
    """What is still tried, and what is given up, oldest first."""
    listed = desk.store.outbox.undelivered(wanted.limit, wanted.delivery)
    return Deliveries(deliveries=tuple(map(Delivery.of, listed)))
