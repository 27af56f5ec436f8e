"""Queues with filters that agents want to find again."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from amends.errors import AmendsError
from desk.models import SavedViewRow
from tickets.database import explained
from tickets.queue import Filter
from tickets.transactions import write

NAME_CHARS = 60
MAX_VIEWS = 30
"""Of one agent: more than anybody finds their way in."""

FIELDS = ("status", "owner", "category", "rule", "text")


class SavedViewError(AmendsError):
    """A view that cannot be saved; says what was expected, found, and to do."""


class SavedView(BaseModel):
    """A view on record.

    Attributes:
        id: What it is deleted by.
        name: What the agent calls it.
        query: As in the address bar, such as `status=open&category=delivery`.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: int
    name: str
    query: str


class SavedViews:
    """Views in the database of the tickets, each its agent's own; may be shared by threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = sessionmaker(engine)

    def of(self, agent_id: int) -> tuple[SavedView, ...]:
        """The views of an agent, by name.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        query = select(SavedViewRow).where(SavedViewRow.agent_id == agent_id)
        with explained(self._engine.url), self._read() as session:
            rows = session.scalars(query.order_by(SavedViewRow.name, SavedViewRow.id))
            return tuple(map(SavedView.model_validate, rows))

    def save(self, agent_id: int, name: str, wanted: Filter) -> SavedView:
        """Store a view; one of the same name is replaced.

        Raises:
            SavedViewError: the name is empty or too long, or there are too many views.
            TicketStoreError: nothing was written.
        """
        known_as = _name(name)
        return write(
            self._engine,
            lambda session: _saved(session, agent_id, known_as, as_query(wanted)),
        )

    def delete(self, agent_id: int, view_id: int) -> None:
        """Forget a view of this agent; one that is not there is forgotten already.

        Raises:
            TicketStoreError: nothing was written.
        """

        def deleted(session: Session) -> None:
            row = session.get(SavedViewRow, view_id)
            if row is not None and row.agent_id == agent_id:
                session.delete(row)

        write(self._engine, deleted)


def as_query(wanted: Filter) -> str:
    """A filter as in the address bar, without the page."""
    said = wanted.model_dump(mode="json", include=set(FIELDS), exclude_none=True)
    return urlencode([(field, said[field]) for field in FIELDS if field in said])


def _name(typed: str) -> str:
    name = "".join(filter(str.isprintable, " ".join(typed.split())))
    if not 1 <= len(name) <= NAME_CHARS:
        raise SavedViewError(
            f"Expected a name for the view, 1 to {NAME_CHARS} characters, found {len(name)}. "
            "Nothing was saved."
        )
    return name


def _saved(session: Session, agent_id: int, name: str, query: str) -> SavedView:
    mine = SavedViewRow.agent_id == agent_id
    row = session.scalar(select(SavedViewRow).where(mine, SavedViewRow.name == name))
    if row is None:
        _check_room(session, agent_id)
        row = SavedViewRow(agent_id=agent_id, name=name, created_at=datetime.now(UTC))
        session.add(row)
    row.query = query
    session.flush()
    return SavedView.model_validate(row)


def _check_room(session: Session, agent_id: int) -> None:
    counted = select(func.count()).where(SavedViewRow.agent_id == agent_id)
    if (session.scalar(counted) or 0) >= MAX_VIEWS:
        raise SavedViewError(
            f"Expected at most {MAX_VIEWS} saved views, found another one. Delete one first."
        )
