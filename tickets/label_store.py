"""The labels of the ticket store: what agents correct is added here and never changed."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby

from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session, joinedload, sessionmaker

from tickets.database import explained
from tickets.labels import CorrectedMessage, Correction, Label, StoredMessage, read_name
from tickets.lookup import NotFoundError, ticket_row
from tickets.models import LabelRow, MessageRow
from tickets.record import audit


class LabelStore:
    """Labels in the database of the tickets; may be shared by threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = sessionmaker(engine)
        self._write = sessionmaker(engine.execution_options(write=True))

    def correct(
        self, reference: str, correction: Correction, by: str, message_id: str | None = None
    ) -> Label:
        """Store what an agent says of a message; returns after it is committed.

        Args:
            reference: Of the ticket, in any capitals and with or without `AM-`.
            correction: What is right; earlier ones are kept.
            by: Who says so.
            message_id: Which message on the ticket; the last one when None.

        Raises:
            TicketStoreError: there is no such ticket or message, or nothing could be written.
            LabelError: nobody is named.
        """
        name = read_name(by)
        with explained(self._engine.url), self._write.begin() as session:
            message = _message(session, reference, message_id)
            row = LabelRow(
                message=message,
                **correction.model_dump(),
                corrected_by=name,
                created_at=datetime.now(UTC),
            )
            session.add(row)
            detail = {"message_id": message.message_id, **correction.said}
            audit(session, message.ticket, name, "labelled", detail)
            return _label(row)

    def history(self, reference: str) -> tuple[Label, ...]:
        """Everything that was ever corrected on a ticket, oldest first.

        Raises:
            TicketStoreError: there is no such ticket, or the database cannot be read.
        """
        with explained(self._engine.url), self._read() as session:
            ticket = ticket_row(session, reference)
            query = _labels().join(LabelRow.message).where(MessageRow.ticket_id == ticket.id)
            return tuple(map(_label, session.scalars(query.order_by(LabelRow.id))))

    def corrected(self, since: datetime | None = None) -> tuple[CorrectedMessage, ...]:
        """The messages of which something was corrected, oldest first.

        Args:
            since: Only those of which something was corrected then or later.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        query = _labels().order_by(LabelRow.ticket_message_id, LabelRow.id)
        if since is not None:
            late = select(LabelRow.ticket_message_id).where(LabelRow.created_at >= since)
            query = query.where(LabelRow.ticket_message_id.in_(late))
        with explained(self._engine.url), self._read() as session:
            return tuple(_together(session.scalars(query)))

    def unlabelled(self) -> tuple[StoredMessage, ...]:
        """The messages on tickets of which nothing was corrected, oldest first.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        query = (
            select(MessageRow)
            .where(MessageRow.id.not_in(select(LabelRow.ticket_message_id)))
            .order_by(MessageRow.id)
            .options(joinedload(MessageRow.ticket))
        )
        with explained(self._engine.url), self._read() as session:
            return tuple(map(_stored, session.scalars(query)))


def _labels() -> Select[LabelRow]:
    return select(LabelRow).options(joinedload(LabelRow.message).joinedload(MessageRow.ticket))


def _message(session: Session, reference: str, message_id: str | None) -> MessageRow:
    ticket = ticket_row(session, reference)
    if message_id is None:
        return ticket.messages[-1]
    for message in ticket.messages:
        if message.message_id == message_id:
            return message
    raise NotFoundError(
        f"Expected the id of a message on {ticket.reference}, found {message_id!r}, which none "
        f"has. See `amends tickets show {ticket.reference} | cat`."
    )


def _together(rows: Iterable[LabelRow]) -> Iterator[CorrectedMessage]:
    for _, group in groupby(rows, key=lambda row: row.ticket_message_id):
        labels = list(group)
        correction = Correction()
        for row in labels:
            correction = _correction(row).after(correction)
        last = labels[-1]
        yield CorrectedMessage(
            message=_stored(last.message), correction=correction, at=last.created_at
        )


def _label(row: LabelRow) -> Label:
    return Label(
        message_id=row.message.message_id,
        correction=_correction(row),
        by=row.corrected_by,
        at=row.created_at,
    )


def _correction(row: LabelRow) -> Correction:
    return Correction.model_validate(
        {field: getattr(row, field) for field in Correction.model_fields}
    )


def _stored(row: MessageRow) -> StoredMessage:
    return StoredMessage(id=f"{row.ticket.reference}/{row.message_id}", text=row.text)
