"""Whether the desk does its work."""

from typing import Annotated

from fastapi import APIRouter, Depends

from desk.state import Desk, desk

router = APIRouter()


@router.get("/health")
def health(desk: Annotated[Desk, Depends(desk)]) -> dict[str, str]:
    """Ready once the database answers.

    Raises:
        TicketStoreError: it does not.
    """
    desk.store.list(limit=1)
    return {"status": "ok"}
