"""The queue of the desk: which tickets an agent sees, and in which order."""

import time
from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import ColumnElement, Engine, Select, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from tickets.case import Status, Text
from tickets.database import explained
from tickets.models import ConversationRow, MessageRow, TicketRow
from tickets.severity import strongest, urgency

PAGE_ROWS = 50

NOBODY = "nobody"
"""Owner of the tickets that nobody has."""

MAX_PAGE = 100_000


def _none_for_empty(typed: object) -> object:
    # A form sends every field, those that nobody filled in too.
    return (typed.strip() or None) if isinstance(typed, str) else typed


Wanted = Annotated[Annotated[Text, Field(max_length=255)] | None, BeforeValidator(_none_for_empty)]


class Filter(BaseModel):
    """Which tickets of the queue; what is None does not matter.

    Attributes:
        status: Who has them.
        owner: Login of an agent, or `NOBODY`.
        category: What they are about.
        rule: What opened them.
        text: Somewhere in reference, category, the shopper's name or a message of the shopper, in
            any capitals.
        page: The first one is 1.
    """

    model_config = ConfigDict(frozen=True)

    status: Annotated[Status | None, BeforeValidator(_none_for_empty)] = None
    owner: Wanted = None
    category: Wanted = None
    rule: Wanted = None
    text: Wanted = None
    page: int = Field(1, ge=1, le=MAX_PAGE)


class QueueRow(BaseModel):
    """A ticket as the queue shows it.

    Attributes:
        reference: What shopper and agent call it.
        conversation_id: The conversation that it came from.
        shopper_name: What the shop calls the shopper; None for one whom it did not identify.
        category: What it is about.
        status: Who has it.
        owner: Login of the agent who has it or shall have it.
        severity: See `tickets.severity`.
        urgency: Severity times waiting time.
        rule: The rule that opened it.
        waiting_since: Seconds since 1970; None when nobody waits.
        messages: How many of the shopper's messages are on it.
        last_text: The last of them, with personal data masked.
        intensity: How strongly the strongest one feels; None when nothing scored any.
        created_at: When it was opened, UTC.
        updated_at: When it last changed, UTC.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    reference: str
    conversation_id: str
    shopper_name: str | None
    category: str
    status: Status
    owner: str | None
    severity: float
    urgency: float
    rule: str
    waiting_since: float | None
    messages: int
    last_text: str
    intensity: str | None
    created_at: datetime
    updated_at: datetime


class Page(BaseModel):
    """Part of the queue.

    Attributes:
        rows: At most `PAGE_ROWS`: those that are not resolved first, the most urgent on top, then
            the resolved ones, the latest on top.
        total: How many tickets the filter leaves.
        page: Which part this is.
        pages: How many parts there are, at least 1.
        counts_by_owner: How many tickets that are not resolved each agent has, whatever the filter;
            `NOBODY` has the rest.
    """

    model_config = ConfigDict(frozen=True)

    rows: tuple[QueueRow, ...]
    total: int
    page: int
    pages: int
    counts_by_owner: dict[str, int]


class QueueStore:
    """The queue in the database of the tickets; may be shared by threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = sessionmaker(engine)

    def page(self, wanted: Filter, now: float | None = None) -> Page:
        """Part of the queue, as it is at one moment.

        Args:
            wanted: Which tickets, and which part.
            now: Seconds since 1970, for the waiting time; this moment when None.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        moment = time.time() if now is None else now
        conditions = _conditions(wanted, self._engine.dialect.name)
        total = _total(conditions)
        # Counted once more that is quick; searched once more it is not.
        beside = func.count().over() if wanted.text else total.scalar_subquery()
        part = _part(wanted.page, moment, beside).where(*conditions)
        with explained(self._engine.url), self._read() as session:
            found = session.execute(part).all()
            # A page behind the last one has no row that says so.
            number = found[0].total if found else session.scalar(total) or 0
            return Page(
                rows=_rows(session, {row.id: row.urgency for row in found}),
                total=number,
                page=wanted.page,
                pages=max(1, -(-number // PAGE_ROWS)),
                counts_by_owner=_counts_by_owner(session),
            )


def _conditions(wanted: Filter, dialect: str) -> list[ColumnElement[bool]]:
    equal = {
        TicketRow.status: wanted.status,
        TicketRow.category: wanted.category,
        TicketRow.rule: wanted.rule,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if wanted.owner is not None:
        owner = None if wanted.owner == NOBODY else wanted.owner
        conditions.append(TicketRow.owner == owner)
    if wanted.text is not None:
        conditions.append(_contains(wanted.text, dialect))
    return conditions


def _contains(text: str, dialect: str) -> ColumnElement[bool]:
    # SQLite's LIKE disregards capitals of ASCII by itself, ten times as fast as `lower` does.
    native = dialect == "sqlite"
    fold = not (native and text.isascii())
    named = select(ConversationRow.conversation_id).where(
        _holds(ConversationRow.shopper_name, text, fold=fold)
    )
    categories = select(TicketRow.category).distinct().subquery().c.category
    return or_(
        _holds(TicketRow.reference, text, fold=not native),  # ASCII alone
        TicketRow.category.in_(select(categories).where(_holds(categories, text, fold=fold))),
        TicketRow.conversation_id.in_(named),
        TicketRow.id.in_(
            select(MessageRow.ticket_id).where(_holds(MessageRow.text, text, fold=fold))
        ),
    )


def _holds(
    column: ColumnElement[str] | InstrumentedAttribute[Any], text: str, *, fold: bool
) -> ColumnElement[bool]:
    return (column.icontains if fold else column.contains)(text, autoescape=True)


def _total(conditions: list[ColumnElement[bool]]) -> Select[int]:
    return select(func.count(TicketRow.id)).where(*conditions).correlate(None)


def _part(page: int, now: float, total: ColumnElement[int]) -> Select[int, float, int]:
    """Ids alone: sorting ten thousand whole tickets takes three times as long."""
    rank = urgency(now)
    resolved = TicketRow.status == Status.RESOLVED
    return (
        select(TicketRow.id, rank.label("urgency"), total.label("total"))
        .order_by(
            case((resolved, 1), else_=0),
            case((resolved, 0.0), else_=rank).desc(),
            TicketRow.updated_at.desc(),
            TicketRow.id.desc(),
        )
        .limit(PAGE_ROWS)
        .offset((page - 1) * PAGE_ROWS)
    )


def _rows(session: Session, ranks: dict[int, float]) -> tuple[QueueRow, ...]:
    """The tickets of these ids, in their order, with their urgency."""
    tickets = session.scalars(select(TicketRow).where(TicketRow.id.in_(ranks))).all()
    said = _said(session, ranks)
    names = _names(session, {row.conversation_id for row in tickets})
    places = {ticket: place for place, ticket in enumerate(ranks)}
    return tuple(
        QueueRow.model_validate(
            {
                **{name: getattr(row, name) for name in _COPIED},
                **said.get(row.id, _NOTHING_SAID),
                "urgency": ranks[row.id],
                "shopper_name": names.get(row.conversation_id),
            }
        )
        for row in sorted(tickets, key=lambda row: places[row.id])
    )


# Deleted while the page was put together.
_NOTHING_SAID = {"messages": 0, "last_text": "", "intensity": None}
_COPIED = QueueRow.model_fields.keys() - {"urgency", "shopper_name", *_NOTHING_SAID}


def _said(session: Session, tickets: Collection[int]) -> dict[int, dict[str, Any]]:
    """How many messages each of the tickets has, the last one's text, the highest intensity."""
    intensities = _intensities(session, tickets)
    grouped = (
        select(func.max(MessageRow.id).label("last"), func.count().label("messages"))
        .where(MessageRow.ticket_id.in_(tickets))
        .group_by(MessageRow.ticket_id)
        .subquery()
    )
    query = select(grouped.c.messages, MessageRow).join(grouped, MessageRow.id == grouped.c.last)
    return {
        row.ticket_id: {
            "messages": messages,
            "last_text": row.text,
            "intensity": strongest(intensities[row.ticket_id]),
        }
        for messages, row in session.execute(query)
    }


def _intensities(session: Session, tickets: Collection[int]) -> dict[int, list[str | None]]:
    query = select(MessageRow.ticket_id, MessageRow.assessment["intensity"].as_string()).where(
        MessageRow.ticket_id.in_(tickets)
    )
    found: dict[int, list[str | None]] = {ticket: [] for ticket in tickets}
    for ticket, intensity in session.execute(query):
        found[ticket].append(intensity)
    return found


def _names(session: Session, conversations: set[str]) -> dict[str, str]:
    query = select(ConversationRow.conversation_id, ConversationRow.shopper_name).where(
        ConversationRow.conversation_id.in_(conversations),
        ConversationRow.shopper_name.is_not(None),
    )
    return {conversation: name or "" for conversation, name in session.execute(query)}


def _counts_by_owner(session: Session) -> dict[str, int]:
    query = (
        select(func.coalesce(TicketRow.owner, NOBODY), func.count())
        .where(TicketRow.status != Status.RESOLVED)
        .group_by(TicketRow.owner)
        .order_by(TicketRow.owner)
    )
    return {owner: tickets for owner, tickets in session.execute(query)}  # noqa: C416 - a Row is no tuple to mypy
