"""What is written beside every change of a ticket: who did it, and that screens are out of date."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tickets.models import AuditRow, ChangeRow, OutboxRow, TicketRow

CHANNEL = "amends_changes"
"""PostgreSQL's notifications of changed tickets; the payload is the reference."""

KEPT_CHANGES = 1000

SHOPPER = "shopper"
"""Actor of what a shopper does."""


def audit(
    session: Session, row: TicketRow, actor: str, action: str, detail: dict[str, Any] | None = None
) -> None:
    """Write down who did what to a ticket, and tell the screens that show it.

    Args:
        session: The change itself is made in the same transaction.
        row: The ticket.
        actor: Login of an agent, or `SHOPPER`.
        action: One word or two, such as `claimed`.
        detail: What else there is to know; no shopper's words.
    """
    session.add(
        AuditRow(
            ticket_id=row.id,
            actor=actor,
            action=action,
            detail=detail or {},
            created_at=datetime.now(UTC),
        )
    )
    announce(session, row.reference)


def announce(session: Session, reference: str) -> None:
    """Tell the screens of every process that a ticket changed, once this is committed."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_notify(CHANNEL, reference)))
        return
    row = ChangeRow(reference=reference)
    session.add(row)
    session.flush()
    session.execute(delete(ChangeRow).where(ChangeRow.id <= row.id - KEPT_CHANGES))


def queue_event(session: Session, row: TicketRow, event: str, payload: dict[str, Any]) -> None:
    """Put an event into the outbox, to be delivered as soon as this is committed."""
    now = datetime.now(UTC)
    session.add(
        OutboxRow(
            ticket_id=row.id, event=event, payload=payload, created_at=now, next_attempt_at=now
        )
    )
