"""What agents write for one another on a ticket, and what was done to it by whom."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from tickets.case import Identifier, Text
from tickets.database import explained
from tickets.lookup import ticket_row
from tickets.models import AuditRow, NoteRow
from tickets.record import audit
from tickets.transactions import write


class NewNote(BaseModel):
    """A note to be stored.

    Attributes:
        author: Login of who wrote it.
        text: With personal data masked.
    """

    model_config = ConfigDict(frozen=True)

    author: Identifier
    text: Annotated[Text, Field(min_length=1)]


class Note(BaseModel):
    """What an agent wrote for other agents; `created_at` is in UTC."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: int
    author: str
    text: str
    created_at: datetime


class Deed(BaseModel):
    """What somebody did to a ticket, and when, UTC.

    Attributes:
        actor: Login of an agent, `token:` and the name of an API token, or `shopper`.
        action: Such as `claimed`.
        detail: What else there is to know.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    actor: str
    action: str
    detail: dict[str, JsonValue]
    created_at: datetime


class NoteStore:
    """Notes in the database of the tickets; may be shared by threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = sessionmaker(engine)

    def add(self, reference: str, note: NewNote) -> Note:
        """Store a note; returns after it is committed.

        Raises:
            NotFoundError: there is no such ticket.
            TicketStoreError: nothing was written.
        """
        return write(self._engine, lambda session: _added(session, reference, note))

    def of(self, reference: str) -> tuple[Note, ...]:
        """The notes on a ticket, oldest first.

        Raises:
            NotFoundError: there is no such ticket.
            TicketStoreError: the database cannot be read.
        """
        with explained(self._engine.url), self._read() as session:
            ticket = ticket_row(session, reference).id
            query = select(NoteRow).where(NoteRow.ticket_id == ticket).order_by(NoteRow.id)
            return tuple(map(Note.model_validate, session.scalars(query)))

    def deeds(self, reference: str) -> tuple[Deed, ...]:
        """What was done to a ticket, oldest first.

        Raises:
            NotFoundError: there is no such ticket.
            TicketStoreError: the database cannot be read.
        """
        with explained(self._engine.url), self._read() as session:
            ticket = ticket_row(session, reference).id
            query = select(AuditRow).where(AuditRow.ticket_id == ticket).order_by(AuditRow.id)
            return tuple(map(Deed.model_validate, session.scalars(query)))


def _added(session: Session, reference: str, note: NewNote) -> Note:
    ticket = ticket_row(session, reference)
    row = NoteRow(
        ticket_id=ticket.id, author=note.author, text=note.text, created_at=datetime.now(UTC)
    )
    session.add(row)
    audit(session, ticket, note.author, "noted")
    session.flush()
    return Note.model_validate(row)
