"""The outbox: events that wait to be delivered, taken by one worker at a time and settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, Engine, Select, exists, select, update
from sqlalchemy.orm import Session, aliased, sessionmaker

from tickets.database import explained
from tickets.lookup import ticket_row
from tickets.models import OutboxRow, TicketRow
from tickets.record import announce
from tickets.transactions import write

Family = Literal["ticket", "chat"]
"""What helpdesks hear of, and what shoppers do."""

LEASE_S = 60.0
"""So long nobody else takes an event that is being delivered; longer than a delivery may last."""

TOO_OLD = timedelta(days=7)
"""What was due so long ago is no news: a helpdesk that is set up today is not flooded."""

HEAD_START = timedelta(seconds=2)
"""Who changed a ticket tells the shopper at once; the worker does what they left undone."""

IN_DELIVERY = "In delivery."
"""Stands for the error of the attempt before while somebody has taken the event."""

PRESENCE = ("chat.joined", "chat.waiting", "chat.left")


@dataclass(frozen=True)
class Event:
    """Something to be delivered.

    Attributes:
        id: Of its row.
        reference: Of the ticket.
        conversation_id: Rasa's sender id.
        event: Such as `ticket.opened`.
        payload: What is told; a shopper's words in it are masked.
        created_at: When it happened, UTC.
        sent_to: Names of the connectors that took it.
        attempts: How often it failed.
        due_at: When it may be taken next, UTC; of one that was taken, until when it is taken.
    """

    id: int
    reference: str
    conversation_id: str
    event: str
    payload: dict[str, Any]
    created_at: datetime
    sent_to: tuple[str, ...]
    attempts: int
    due_at: datetime

    @property
    def name(self) -> str:
        """The same for the same event, however often delivered; unlike the events of any shop."""
        return f"{self.reference}-{self.id}"


@dataclass(frozen=True)
class Undelivered:
    """An event that was not delivered, and how it stands."""

    event: Event
    delivery: Literal["pending", "dead"]
    last_error: str | None


class Outbox:
    """Events in the database of the tickets; may be shared by threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = sessionmaker(engine)

    def lease(self, family: Family, limit: int, lease_s: float = LEASE_S) -> list[Event]:
        """Take events that are due, oldest first, each behind the earlier ones of its ticket.

        Nobody else is given them for `lease_s` seconds; what is not settled by then is due again.

        Raises:
            TicketStoreError: the database cannot be reached.
        """
        due = _due(family).limit(limit)
        with explained(self._engine.url), self._read() as session:
            # A look first: SQLite has one lock for writing, and most looks find nothing.
            if session.scalar(due.with_only_columns(OutboxRow.id).limit(1)) is None:
                return []
        return write(self._engine, lambda session: _leased(session, due, lease_s))

    def lease_these(self, ids: Sequence[int], lease_s: float = LEASE_S) -> list[Event] | None:
        """Take certain events now, also those that would be tried later; oldest first.

        Returns:
            Those that are still pending; None while somebody else delivers one of them.

        Raises:
            TicketStoreError: the database cannot be reached.
        """
        query = _pending().where(OutboxRow.id.in_(ids)).order_by(OutboxRow.id)
        locked = query.with_for_update(of=OutboxRow)

        def change(session: Session) -> list[Event] | None:
            if any(_is_taken(row) for row, _ in session.execute(locked).all()):
                return None
            return _leased(session, locked, lease_s)

        return write(self._engine, change)

    def taken(self, event: Event, connector: str, wanting: Sequence[str]) -> None:
        """Remember that a connector took it, so that it is not given it again.

        Args:
            event: The event.
            connector: Its name.
            wanting: Names of all that want it; once all have taken it, it is sent.

        Raises:
            TicketStoreError: nothing was written.
        """

        def change(session: Session) -> None:
            row = session.get(OutboxRow, event.id, with_for_update=True)
            if row is None:  # a shopper's data may be deleted at any time
                return
            row.sent_to = sorted({*row.sent_to, connector})
            if row.delivery == "pending" and set(wanting) <= set(row.sent_to):
                row.delivery, row.sent_at, row.last_error = "sent", datetime.now(UTC), None

        write(self._engine, change)

    def done(self, event: Event, without: str | None = None) -> None:
        """There is nothing left to do.

        Args:
            event: The event.
            without: Why nobody was told, where that is so.

        Raises:
            TicketStoreError: nothing was written.
        """
        sent_at = None if without else datetime.now(UTC)
        self._settle(event, delivery="sent", sent_at=sent_at, last_error=without)

    def failed(self, event: Event, error: str, again_in_s: float | None) -> None:
        """It was not taken.

        Args:
            event: The event.
            error: Why; no secrets and no shopper's words.
            again_in_s: Seconds until the next attempt; None when it is dead.

        Raises:
            TicketStoreError: nothing was written.
        """
        values: dict[str, Any] = {"attempts": event.attempts + 1, "last_error": error}
        if again_in_s is None:
            self._settle(event, delivery="dead", **values)
        else:
            again_at = datetime.now(UTC) + timedelta(seconds=again_in_s)
            self._settle(event, next_attempt_at=again_at, **values)

    def release(self, event: Event) -> None:
        """Somebody else may take it now.

        Raises:
            TicketStoreError: nothing was written.
        """
        self._settle(event, next_attempt_at=datetime.now(UTC), last_error=None)

    def bury_old(self, family: Family) -> None:
        """Give up what was due long ago and nobody took.

        Raises:
            TicketStoreError: nothing was written.
        """
        why = f"Nobody took it for {TOO_OLD.days} days: it is not sent as if it were news."
        change = (
            update(OutboxRow)
            .where(OutboxRow.delivery == "pending", OutboxRow.event.startswith(f"{family}."))
            .where(OutboxRow.next_attempt_at < datetime.now(UTC) - TOO_OLD)
            .values(delivery="dead", last_error=why)
        )
        write(self._engine, lambda session: session.execute(change))

    def retry(self, reference: str | None) -> int:
        """Make dead events pending again, as if they had never been tried; returns how many.

        Args:
            reference: Of the ticket, in any capitals and with or without `AM-`; None: of all.

        Raises:
            NotFoundError: there is no such ticket.
            TicketStoreError: nothing was written.
        """
        return write(self._engine, lambda session: _retried(session, reference))

    def undelivered(
        self, limit: int, only: Literal["pending", "dead"] | None = None
    ) -> tuple[Undelivered, ...]:
        """What is pending or dead, oldest first.

        Args:
            limit: At most so many.
            only: One of the two; None for both.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        query = (
            select(OutboxRow, TicketRow)
            .join(TicketRow, TicketRow.id == OutboxRow.ticket_id)
            .where(OutboxRow.delivery.in_([only] if only else ["pending", "dead"]))
            .order_by(OutboxRow.id)
            .limit(limit)
        )
        with explained(self._engine.url), self._read() as session:
            return tuple(_undelivered(row, ticket) for row, ticket in session.execute(query).all())

    def _settle(self, event: Event, **values: object) -> None:
        # Not what somebody else settled or took, because it lasted too long here.
        mine = (OutboxRow.delivery == "pending", OutboxRow.next_attempt_at == event.due_at)
        change = update(OutboxRow).where(OutboxRow.id == event.id, *mine).values(values)
        write(self._engine, lambda session: session.execute(change))


Rows: TypeAlias = "Select[OutboxRow, TicketRow]"


def _pending() -> Rows:
    return (
        select(OutboxRow, TicketRow)
        .join(TicketRow, TicketRow.id == OutboxRow.ticket_id)
        .where(OutboxRow.delivery == "pending")
    )


def _due(family: Family) -> Rows:
    now = datetime.now(UTC)
    query = _pending().where(
        OutboxRow.event.startswith(f"{family}."),
        OutboxRow.next_attempt_at <= now,
        ~_earlier(family),
    )
    if family == "chat":
        query = query.where(OutboxRow.created_at <= now - HEAD_START)
    return query.order_by(OutboxRow.id).with_for_update(of=OutboxRow, skip_locked=True)


def _earlier(family: Family) -> ColumnElement[bool]:
    """An event that must be delivered first: of the ticket, or in the chat of the conversation."""
    row, ticket = aliased(OutboxRow), aliased(TicketRow)
    same = (
        ticket.conversation_id == TicketRow.conversation_id
        if family == "chat"
        else ticket.id == TicketRow.id
    )
    return (
        exists()
        .where(
            ticket.id == row.ticket_id,
            same,
            row.id < OutboxRow.id,
            row.delivery == "pending",
            row.event.startswith(f"{family}."),
        )
        .correlate(OutboxRow, TicketRow)
    )


def _is_taken(row: OutboxRow) -> bool:
    return row.last_error == IN_DELIVERY and row.next_attempt_at > datetime.now(UTC)


def _leased(session: Session, query: Rows, lease_s: float) -> list[Event]:
    until = datetime.now(UTC) + timedelta(seconds=lease_s)
    events = []
    for row, ticket in session.execute(query).all():
        if _is_overtaken(session, row, ticket):
            row.delivery = "sent"
            row.last_error = "Not said: a later notice says how it is now."
        else:
            row.next_attempt_at, row.last_error = until, IN_DELIVERY
            events.append(_event(row, ticket))
    return events


def _is_overtaken(session: Session, row: OutboxRow, ticket: TicketRow) -> bool:
    """Whether a person who is said to have joined is gone, or has been followed by another."""
    if row.event != "chat.joined":
        return False
    later = (
        select(OutboxRow.id)
        .join(TicketRow, TicketRow.id == OutboxRow.ticket_id)
        .where(
            TicketRow.conversation_id == ticket.conversation_id,
            OutboxRow.id > row.id,
            OutboxRow.event.in_(PRESENCE),
        )
    )
    return session.scalar(later.limit(1)) is not None


def _event(row: OutboxRow, ticket: TicketRow) -> Event:
    return Event(
        id=row.id,
        reference=ticket.reference,
        conversation_id=ticket.conversation_id,
        event=row.event,
        payload=row.payload,
        created_at=row.created_at,
        sent_to=tuple(row.sent_to),
        attempts=row.attempts,
        due_at=row.next_attempt_at,
    )


def _undelivered(row: OutboxRow, ticket: TicketRow) -> Undelivered:
    return Undelivered(
        event=_event(row, ticket),
        delivery="dead" if row.delivery == "dead" else "pending",
        last_error=row.last_error,
    )


def _retried(session: Session, reference: str | None) -> int:
    dead = select(OutboxRow).where(OutboxRow.delivery == "dead")
    if reference is not None:
        dead = dead.where(OutboxRow.ticket_id == ticket_row(session, reference).id)
    rows = session.scalars(dead.with_for_update()).all()
    now = datetime.now(UTC)
    for row in rows:
        row.delivery, row.attempts, row.next_attempt_at = "pending", 0, now
    for ticket in {row.ticket_id for row in rows}:
        announce(session, session.get_one(TicketRow, ticket).reference)
    return len(rows)
