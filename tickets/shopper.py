"""Everything that the ticket store holds of one shopper: to give to them, and to delete."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Table, delete, select
from sqlalchemy.orm import Session, sessionmaker

from tickets.database import explained
from tickets.deletion import Deleted, count, delete_tickets
from tickets.models import (
    AttachmentRow,
    AuditRow,
    ConversationMessageRow,
    ConversationRow,
    LabelRow,
    MessageRow,
    NoteRow,
    OutboxRow,
    RatingRow,
    TicketRow,
)
from tickets.orm import Base
from tickets.talks import locked_conversation
from tickets.transactions import write

Record = dict[str, Any]
"""A row as JSON: moments as ISO 8601 in UTC, files in base64."""


def conversation_of(customer: str) -> str:
    """The conversation of a customer whom the shop identified.

    Args:
        customer: Whom the shop's identity token names in `sub`.

    Returns:
        Rasa's sender id, as the web channel makes it.
    """
    digest = hashlib.sha256(customer.encode("utf-8", "replace")).hexdigest()
    return f"shop-{digest[:32]}"


def export(engine: Engine, conversation_id: str) -> Record:
    """All there is of a shopper, with the content of files.

    Returns:
        `conversation` (None without one), `tickets` (each with `messages`, and these with
        `labels`; `notes`, `audit`, `outbox`), `said`, `attachments`, `ratings`: rows as they are
        stored, oldest first.

    Raises:
        TicketStoreError: the database cannot be read.
    """
    with explained(engine.url), sessionmaker(engine)() as session:
        return {
            "conversation_id": conversation_id,
            "exported_at": datetime.now(UTC).isoformat(),
            "conversation": next(iter(_of(session, ConversationRow, conversation_id)), None),
            "tickets": _tickets(session, conversation_id),
            "said": _of(session, ConversationMessageRow, conversation_id),
            "attachments": _of(session, AttachmentRow, conversation_id),
            "ratings": _of(session, RatingRow, conversation_id),
        }


def erase(engine: Engine, conversation_id: str) -> Deleted:
    """Delete all there is of a shopper, in one transaction; nothing the second time.

    Raises:
        TicketStoreError: nothing was deleted.
    """
    return write(engine, lambda session: _erased(session, conversation_id))


def _erased(session: Session, conversation_id: str) -> Deleted:
    # The lock that everything else takes first, so that no ticket is opened meanwhile.
    talk = locked_conversation(session, conversation_id)
    mine = TicketRow.conversation_id == conversation_id
    tickets = session.scalars(select(TicketRow.id).where(mine).with_for_update()).all()
    deleted = delete_tickets(session, tickets) + Deleted(
        said=_delete(session, ConversationMessageRow, conversation_id),
        attachments=_delete(session, AttachmentRow, conversation_id),
        ratings=_delete(session, RatingRow, conversation_id),
        names=talk.shopper_name is not None,
    )
    session.delete(talk)
    return deleted


Theirs = type[ConversationMessageRow] | type[AttachmentRow] | type[RatingRow]


def _delete(session: Session, table: Theirs, conversation_id: str) -> int:
    return count(session, delete(table).where(table.conversation_id == conversation_id))


def _tickets(session: Session, conversation_id: str) -> list[Record]:
    tickets = _of(session, TicketRow, conversation_id)
    ids = [ticket["id"] for ticket in tickets]
    messages = _rows(session, MessageRow, MessageRow.ticket_id.in_(ids))
    labelled = LabelRow.ticket_message_id.in_([message["id"] for message in messages])
    labels = _rows(session, LabelRow, labelled)
    parts = {
        "messages": _with(messages, {"labels": labels}, "ticket_message_id"),
        "notes": _rows(session, NoteRow, NoteRow.ticket_id.in_(ids)),
        "audit": _rows(session, AuditRow, AuditRow.ticket_id.in_(ids)),
        "outbox": _rows(session, OutboxRow, OutboxRow.ticket_id.in_(ids)),
    }
    return _with(tickets, parts, "ticket_id")


def _with(owners: Iterable[Record], parts: dict[str, list[Record]], key: str) -> list[Record]:
    """Each owner with those parts that name it."""
    return [
        {
            **owner,
            **{
                name: [row for row in rows if row[key] == owner["id"]]
                for name, rows in parts.items()
            },
        }
        for owner in owners
    ]


def _of(session: Session, table: type[Base], conversation_id: str) -> list[Record]:
    columns = table.metadata.tables[table.__tablename__].c
    return _rows(session, table, columns.conversation_id == conversation_id)


def _rows(session: Session, table: type[Base], mine: ColumnElement[bool]) -> list[Record]:
    # Every column there is, so that one that is added later is not left out.
    stored: Table = table.metadata.tables[table.__tablename__]
    order: Sequence[ColumnElement[Any]] = list(stored.primary_key)
    if "created_at" in stored.c:
        order = [stored.c.created_at, *order]
    rows = session.execute(select(stored).where(mine).order_by(*order)).mappings()
    return [{name: _json(value) for name, value in row.items()} for row in rows]


def _json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
