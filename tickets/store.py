"""The ticket store: an escalation is committed here before anyone is told of it."""

from datetime import UTC, datetime
from typing import Any, Self

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, selectinload, sessionmaker

from tickets.attachments import AttachmentStore
from tickets.case import Case, Escalation, Message, Outcome, Status, Ticket
from tickets.cases import Cases
from tickets.conversations import ConversationStore
from tickets.database import TicketStoreError, check_schema, explained, migrate, open_engine
from tickets.label_store import LabelStore
from tickets.models import MessageRow, TicketRow
from tickets.notes import NoteStore
from tickets.outbox import Outbox
from tickets.queue import QueueStore
from tickets.ratings import RatingStore
from tickets.record import SHOPPER, audit, queue_event
from tickets.reference import as_reference, new_reference
from tickets.severity import severity
from tickets.takeover import Takeover
from tickets.talks import locked_conversation, wait
from tickets.transactions import write

__all__ = ["Case", "Escalation", "Ticket", "TicketStore", "TicketStoreError", "migrate"]

ACTIVE = (Status.OPEN, Status.CLAIMED)


class TicketStore:
    """Tickets in one database; may be shared by threads.

    Attributes:
        labels: What agents correct of their messages.
        conversations: What was said, and who talks.
        takeover: Who talks with the shopper.
        attachments: The files that shoppers sent.
        ratings: Whether it helped.
        notes: What agents write for one another, and what was done to tickets.
        queue: The tickets as agents see them, the most urgent first.
        outbox: What is to be delivered to helpdesks and shoppers.
        cases: The tickets of one shopper.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.labels = LabelStore(engine)
        self.conversations = ConversationStore(engine)
        self.takeover = Takeover(engine)
        self.attachments = AttachmentStore(engine)
        self.ratings = RatingStore(engine)
        self.notes = NoteStore(engine)
        self.queue = QueueStore(engine)
        self.outbox = Outbox(engine)
        self.cases = Cases(engine)
        self._read = sessionmaker(engine)

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the store at a SQLAlchemy URL.

        Raises:
            TicketStoreError: the database cannot be reached, or its schema is not the newest.
        """
        engine = open_engine(url)
        try:
            check_schema(engine)
        except TicketStoreError:
            engine.dispose()
            raise
        return cls(engine)

    def escalate(self, case: Case) -> Escalation:
        """Put a case in front of the support agents; returns after it is committed.

        The first case of a conversation and category opens a ticket; later ones are appended to
        it until it is resolved. A message that is already on a ticket changes nothing.

        Raises:
            TicketStoreError: nothing was written.
        """
        return write(self._engine, lambda session: _recorded(session, case))

    def list(self, status: Status | None = None, limit: int = 50) -> tuple[Ticket, ...]:
        """The tickets that changed last, newest first.

        Args:
            status: Only those with it; None for all.
            limit: At most so many, at least 1.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        newest = select(TicketRow).order_by(TicketRow.updated_at.desc(), TicketRow.id.desc())
        if status is not None:
            newest = newest.where(TicketRow.status == status)
        query = newest.limit(limit).options(selectinload(TicketRow.messages))
        with explained(self._engine.url), self._read() as session:
            return tuple(Ticket.model_validate(row) for row in session.scalars(query))

    def get(self, reference: str) -> Ticket | None:
        """The ticket of that reference, in any capitals and with or without `AM-`, or None.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        query = select(TicketRow).where(TicketRow.reference == as_reference(reference))
        with explained(self._engine.url), self._read() as session:
            row = session.scalar(query)
            return Ticket.model_validate(row) if row else None

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()


def _recorded(session: Session, case: Case) -> Escalation:
    talk = locked_conversation(session, case.conversation_id)
    talk.shopper_name = case.shopper_name or talk.shopper_name
    escalation = _escalated(session, case)
    # A message that comes twice must not silence the bot again after a hand-back.
    if escalation.outcome is not Outcome.REPEATED:
        wait(talk)
    return escalation


def _escalated(session: Session, case: Case) -> Escalation:
    return _repeated(session, case) or _appended(session, case) or _opened(session, case)


def _repeated(session: Session, case: Case) -> Escalation | None:
    query = select(MessageRow).where(
        MessageRow.conversation_id == case.conversation_id,
        MessageRow.message_id == case.message_id,
    )
    known = session.scalar(query)
    if known is None:
        return None
    return Escalation(ticket=Ticket.model_validate(known.ticket), outcome=Outcome.REPEATED)


def _appended(session: Session, case: Case) -> Escalation | None:
    # Locked, so that an agent cannot resolve it in between (SQLite's write lock does that anyway).
    query = (
        select(TicketRow)
        .with_for_update()
        .where(
            TicketRow.conversation_id == case.conversation_id,
            TicketRow.category == case.category,
            TicketRow.status.in_(ACTIVE),
        )
    )
    row = session.scalar(query)
    if row is None:
        return None
    return _written(session, row, case, Outcome.APPENDED)


def _opened(session: Session, case: Case) -> Escalation:
    now = datetime.now(UTC)
    row = TicketRow(
        reference=new_reference(),
        conversation_id=case.conversation_id,
        category=case.category,
        status=Status.OPEN,
        rule=case.triage.rule,
        detail=case.triage.detail,
        severity=1.0,
        created_at=now,
        updated_at=now,
        waiting_since=now.timestamp(),
    )
    session.add(row)
    return _written(session, row, case, Outcome.OPENED)


def _written(session: Session, row: TicketRow, case: Case, outcome: Outcome) -> Escalation:
    row.updated_at = datetime.now(UTC)
    message = MessageRow(
        conversation_id=case.conversation_id,
        message_id=case.message_id,
        text=case.text,
        assessment=case.assessment,
        triage=case.triage.model_dump(mode="json"),
        created_at=row.updated_at,
    )
    row.messages.append(message)
    row.severity = severity([(said.assessment, said.triage) for said in row.messages])
    session.flush()
    queue_event(session, row, f"ticket.{outcome}", _payload(row, message))
    audit(session, row, SHOPPER, str(outcome), {"rule": case.triage.rule})
    session.flush()
    return Escalation(ticket=Ticket.model_validate(row), outcome=outcome)


def _payload(row: TicketRow, message: MessageRow) -> dict[str, Any]:
    return {
        "reference": row.reference,
        "conversation_id": row.conversation_id,
        "category": row.category,
        "message": Message.model_validate(message).model_dump(mode="json"),
    }
