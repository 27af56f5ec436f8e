"""Nothing is kept for longer than the shop wants: old cases and what was said go.

What goes is what nobody needs any more: a ticket that was resolved before a moment, with its
messages, corrections, notes and history; and what was said or sent before that moment, as long as
no ticket that stays is about it: one that is not resolved, or was opened before it was said. Who
wants to train with corrections exports them before (`amends labels export`): they hold what a
shopper wrote, and go with it.

Two things stay, and name nobody: how a case was rated, for the figures by week; and how often a
person came into a conversation, because the notices of a stay are named after that number, and one
whose name came before is not shown.
"""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Engine,
    FromClause,
    Select,
    and_,
    case,
    delete,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, sessionmaker

from tickets.case import Status
from tickets.database import explained
from tickets.deletion import Deleted, count, delete_tickets
from tickets.models import (
    AttachmentRow,
    ConversationMessageRow,
    ConversationRow,
    LabelRow,
    MessageRow,
    NoteRow,
    RatingRow,
    TicketRow,
)
from tickets.transactions import write

BATCH = 200
"""Rows of a kind in one transaction: nobody who writes waits for longer than that takes."""

FORGOTTEN = "forgotten"
"""Conversation of ratings whose ticket is gone."""

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


def purge(engine: Engine, older_than: datetime) -> Deleted:
    """Delete what nobody has needed since a moment; safe to repeat, and to run beside everything.

    Each batch is committed by itself: what was deleted before an error stays deleted.

    Args:
        engine: Of the ticket store.
        older_than: With a time zone.

    Raises:
        TicketStoreError: the database refused; some of it may be deleted.
    """
    deleted = Deleted()
    for batch in (_tickets, _said, _attachments, _names):
        while gone := write(engine, partial(batch, older_than=older_than)):
            deleted += gone
    return deleted


def outlived(engine: Engine, older_than: datetime) -> Deleted:
    """What `purge` would delete now; changes nothing.

    Raises:
        TicketStoreError: the database cannot be read.
    """
    closed = _closed(older_than)
    messages = select(MessageRow.id).where(MessageRow.ticket_id.in_(closed))
    queries = {
        "tickets": closed,
        "messages": messages,
        "labels": select(LabelRow.id).where(LabelRow.ticket_message_id.in_(messages)),
        "notes": select(NoteRow.id).where(NoteRow.ticket_id.in_(closed)),
        "said": _old_lines(older_than),
        "attachments": _old_files(older_than),
        "names": _old_names(older_than),
    }
    with explained(engine.url), sessionmaker(engine)() as session:
        return Deleted(**{name: _number(session, query) for name, query in queries.items()})


def _tickets(session: Session, older_than: datetime) -> Deleted:
    # Locked, so that nobody reopens it meanwhile; what somebody has under way waits for next time.
    query = _closed(older_than).limit(BATCH).with_for_update(skip_locked=True)
    tickets = session.scalars(query).all()
    references = select(TicketRow.reference).where(TicketRow.id.in_(tickets))
    session.execute(
        update(RatingRow)
        .where(RatingRow.request_id.in_(references))
        .values(conversation_id=FORGOTTEN)
    )
    return delete_tickets(session, tickets)


def _said(session: Session, older_than: datetime) -> Deleted:
    lines = session.scalars(_old_lines(older_than).limit(BATCH)).all()
    table = ConversationMessageRow
    return Deleted(said=count(session, delete(table).where(table.id.in_(lines))))


def _attachments(session: Session, older_than: datetime) -> Deleted:
    files = session.scalars(_old_files(older_than).limit(BATCH)).all()
    gone = count(session, delete(AttachmentRow).where(AttachmentRow.id.in_(files)))
    return Deleted(attachments=gone)


def _names(session: Session, older_than: datetime) -> Deleted:
    names = session.scalars(_old_names(older_than).limit(BATCH)).all()
    table = ConversationRow
    change = update(table).where(table.conversation_id.in_(names)).values(shopper_name=None)
    return Deleted(names=count(session, change))


def _closed(older_than: datetime) -> Select[int]:
    return select(TicketRow.id).where(_is_closed(older_than)).order_by(TicketRow.id)


def _is_closed(older_than: datetime) -> ColumnElement[bool]:
    closed = func.coalesce(TicketRow.resolved_at, TicketRow.updated_at)
    return and_(TicketRow.status == Status.RESOLVED, closed < older_than)


def _kept(older_than: datetime) -> FromClause:
    """Since when what is said in each conversation is kept for a ticket's sake."""
    since = case((TicketRow.status != Status.RESOLVED, ALWAYS), else_=TicketRow.created_at)
    return (
        select(TicketRow.conversation_id, func.min(since).label("since"))
        .where(not_(_is_closed(older_than)))
        .group_by(TicketRow.conversation_id)
        .subquery()
    )


def _old_lines(older_than: datetime) -> Select[int]:
    line, kept = ConversationMessageRow, _kept(older_than)
    return (
        select(line.id)
        .outerjoin(kept, kept.c.conversation_id == line.conversation_id)
        .where(
            line.created_at < older_than,
            or_(kept.c.since.is_(None), line.created_at < kept.c.since),
        )
    )


def _old_files(older_than: datetime) -> Select[str]:
    file, line, kept = AttachmentRow, ConversationMessageRow, _kept(older_than)
    # Sent a moment before the line that brings it along, which may stay.
    brought = select(line.attachment_id).where(
        line.attachment_id.is_not(None), line.id.not_in(_old_lines(older_than))
    )
    return (
        select(file.id)
        .outerjoin(kept, kept.c.conversation_id == file.conversation_id)
        .where(
            file.created_at < older_than,
            or_(kept.c.since.is_(None), file.created_at < kept.c.since),
            file.id.not_in(brought),
        )
    )


def _old_names(older_than: datetime) -> Select[str]:
    row, kept = ConversationRow, _kept(older_than)
    return select(row.conversation_id).where(
        row.updated_at < older_than,
        row.shopper_name.is_not(None),
        row.conversation_id.not_in(select(kept.c.conversation_id)),
    )


def _number(session: Session, query: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0
