"""The tickets of one shopper: what of theirs is open, and who waits longer than they do."""

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, selectinload, sessionmaker

from tickets.case import Status, Ticket
from tickets.database import explained
from tickets.models import TicketRow


class Cases:
    """Questions to the ticket store by conversation; may be shared by threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = sessionmaker(engine)

    def of(self, conversation_id: str) -> tuple[Ticket, ...]:
        """Every ticket of a conversation: those that are not resolved first, the newest of each.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        query = (
            select(TicketRow)
            .where(TicketRow.conversation_id == conversation_id)
            .order_by(TicketRow.status == Status.RESOLVED, TicketRow.id.desc())
            .options(selectinload(TicketRow.messages))
        )
        with explained(self._engine.url), self._read() as session:
            return tuple(Ticket.model_validate(row) for row in session.scalars(query))

    def active(self, conversation_id: str) -> Ticket | None:
        """The newest ticket of a conversation that is not resolved; None when there is none.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        newest = next(iter(self.of(conversation_id)), None)
        return None if newest is None or newest.status is Status.RESOLVED else newest

    def before(self, conversation_id: str) -> int:
        """How many other conversations have waited longer for a person than this one.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        with explained(self._engine.url), self._read() as session:
            since = _waits_since(session, conversation_id)
            if since is None:
                return 0
            others = select(func.count(TicketRow.conversation_id.distinct())).where(
                TicketRow.conversation_id != conversation_id, TicketRow.waiting_since < since
            )
            return session.scalar(others) or 0


def _waits_since(session: Session, conversation_id: str) -> float | None:
    return session.scalar(
        select(func.min(TicketRow.waiting_since)).where(
            TicketRow.conversation_id == conversation_id
        )
    )
