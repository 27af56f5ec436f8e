"""Whether it helped, as shoppers say when they are asked."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from tickets.case import Identifier, Status
from tickets.database import TicketStoreError, explained
from tickets.models import RatingRow, TicketRow
from tickets.record import SHOPPER, audit, queue_event
from tickets.transactions import write
from tickets.weeks import Week, by_week, monday_of


class NotAskedError(TicketStoreError):
    """A rating that nobody asked for."""


class Rating(BaseModel):
    """A shopper's answer.

    Attributes:
        conversation_id: Rasa's sender id.
        request_id: What was asked about: the reference of a ticket of that conversation.
        score: 1, it did not help at all, to 5, it helped very much.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    conversation_id: Identifier
    request_id: Identifier
    score: Annotated[int, Field(ge=1, le=5, strict=True)]


class RatingStore:
    """Ratings in the database of the tickets; may be shared by threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = sessionmaker(engine)

    def rate(self, rating: Rating) -> bool:
        """Store an answer; the first one to a request stays. Returns after it is committed.

        Returns:
            Whether it was the first.

        Raises:
            NotAskedError: the conversation has no resolved ticket of that reference.
            TicketStoreError: nothing was written.
        """
        return write(self._engine, lambda session: _rated(session, rating))

    def of(self, reference: str) -> Rating | None:
        """The rating of the ticket with this reference, None without one.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        query = select(RatingRow).where(RatingRow.request_id == reference)
        with explained(self._engine.url), self._read() as session:
            row = session.scalar(query)
            return Rating.model_validate(row) if row else None

    def weekly(
        self, weeks: int = 12, zone: tzinfo = UTC, now: datetime | None = None
    ) -> tuple[Week, ...]:
        """The ratings of the last weeks, oldest first; weeks without any are there too.

        Args:
            weeks: How many, the current one among them; at least 1.
            zone: Where the week begins, such as that of `settings.time_zone`.
            now: This moment when None.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        last = monday_of(now or datetime.now(UTC), zone)
        mondays = [last - timedelta(weeks=back) for back in reversed(range(weeks))]
        start = datetime.combine(mondays[0], time(), zone)
        query = select(RatingRow.created_at, RatingRow.score).where(RatingRow.created_at >= start)
        with explained(self._engine.url), self._read() as session:
            scores = [(at, score) for at, score in session.execute(query)]
        return by_week(scores, mondays, zone)


def _rated(session: Session, rating: Rating) -> bool:
    row = _asked_about(session, rating)
    known = select(RatingRow.id).where(
        RatingRow.conversation_id == rating.conversation_id,
        RatingRow.request_id == rating.request_id,
    )
    if session.scalar(known) is not None:
        return False
    session.add(RatingRow(**rating.model_dump(), created_at=datetime.now(UTC)))
    audit(session, row, SHOPPER, "rated", {"score": rating.score})
    payload = {"reference": row.reference, "conversation_id": row.conversation_id}
    queue_event(session, row, "ticket.rated", {**payload, "score": rating.score})
    return True


def _asked_about(session: Session, rating: Rating) -> TicketRow:
    query = select(TicketRow).where(
        TicketRow.reference == rating.request_id,
        TicketRow.conversation_id == rating.conversation_id,
        TicketRow.status == Status.RESOLVED,
    )
    row = session.scalar(query)
    if row is None:
        raise NotAskedError(
            f"Expected the reference of a resolved ticket of this conversation, found "
            f"{rating.request_id!r}. A rating is taken once it was asked for."
        )
    return row
