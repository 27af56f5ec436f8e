"""Finding a ticket by what a person typed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets.database import TicketStoreError
from tickets.models import TicketRow
from tickets.reference import as_reference


class NotFoundError(TicketStoreError):
    """What was asked for is not in the store."""


def ticket_row(session: Session, reference: str) -> TicketRow:
    """The ticket of that reference, in any capitals and with or without `AM-`.

    Raises:
        NotFoundError: there is none.
    """
    known = as_reference(reference)
    row = session.scalar(select(TicketRow).where(TicketRow.reference == known))
    if row is None:
        raise NotFoundError(
            f"Expected the reference of a ticket, found {reference!r}, which none has. "
            "See `amends tickets list`."
        )
    return row
