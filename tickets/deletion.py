"""Deleting tickets with everything that hangs on them."""

from collections.abc import Collection
from typing import Any, cast

from pydantic import BaseModel, ConfigDict
from sqlalchemy import CursorResult, Delete, Update, delete, select
from sqlalchemy.orm import Session

from tickets.models import AuditRow, LabelRow, MessageRow, NoteRow, OutboxRow, TicketRow
from tickets.record import announce


class Deleted(BaseModel):
    """How much was deleted.

    Attributes:
        tickets: With their history and what helpdesks were still to hear of them.
        messages: The shopper's on those tickets.
        labels: Corrections of those messages.
        notes: Of agents on those tickets.
        said: What was said in chats, by either side.
        attachments: Files.
        ratings: Whether it helped.
        names: Names of shoppers in conversations that are kept for their counts alone.
    """

    model_config = ConfigDict(frozen=True)

    tickets: int = 0
    messages: int = 0
    labels: int = 0
    notes: int = 0
    said: int = 0
    attachments: int = 0
    ratings: int = 0
    names: int = 0

    def __add__(self, other: "Deleted") -> "Deleted":
        """Both together."""
        fields = type(self).model_fields
        return Deleted(**{name: getattr(self, name) + getattr(other, name) for name in fields})

    def __bool__(self) -> bool:
        """Whether there was anything."""
        return any(dict(self).values())


def delete_tickets(session: Session, tickets: Collection[int]) -> Deleted:
    """Delete tickets of these ids, which the caller has locked, and tell screens to look again."""
    for reference in session.scalars(
        select(TicketRow.reference).where(TicketRow.id.in_(tickets))
    ).all():
        announce(session, reference)
    messages = select(MessageRow.id).where(MessageRow.ticket_id.in_(tickets))
    labels = count(session, delete(LabelRow).where(LabelRow.ticket_message_id.in_(messages)))
    for table in (AuditRow, OutboxRow):
        session.execute(delete(table).where(table.ticket_id.in_(tickets)))
    return Deleted(
        labels=labels,
        messages=count(session, delete(MessageRow).where(MessageRow.ticket_id.in_(tickets))),
        notes=count(session, delete(NoteRow).where(NoteRow.ticket_id.in_(tickets))),
        tickets=count(session, delete(TicketRow).where(TicketRow.id.in_(tickets))),
    )


def count(session: Session, statement: Delete | Update) -> int:
    """Delete or change rows, and say how many it were."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[*tuple[Any, ...]]", result).rowcount
