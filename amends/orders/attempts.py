"""Wrong addresses for an order number slow nobody down but whoever guesses.

Somebody who tries addresses on one number is stopped, in whatever conversation, and whether or not
the order exists: the answer tells nothing about it. The number stays closed to the chat for an
hour; a person can look it up meanwhile.

What is counted is a keyed hash: the table must not become a list of the order numbers that
strangers tried, and whoever reads it cannot work them out, few as they are. With another key the
counts of the last hour are forgotten, and nothing else.
"""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from pydantic import SecretStr
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from amends.orders.numbers import normalised
from tickets.database import explained
from tickets.models import OrderAttemptRow
from tickets.transactions import write

WINDOW = timedelta(hours=1)
MOST_WRONG = 5

Clock = Callable[[], datetime]


class Attempts:
    """Counts wrong addresses in the ticket database, for every process.

    Args:
        engine: Of the ticket store.
        key: What numbers and conversations are hashed with.
        now: The clock.
    """

    def __init__(
        self, engine: Engine, key: SecretStr, now: Clock = lambda: datetime.now(UTC)
    ) -> None:
        self._engine = engine
        self._key = key
        self._now = now

    def wrong(self, number: str, conversation_id: str = "") -> None:
        """Count a wrong address, and forget those of more than an hour ago.

        Args:
            number: Of the order, as it was typed.
            conversation_id: Where it was typed; counts for itself, whatever the numbers.

        Raises:
            TicketStoreError: the database cannot be written.
        """
        now = self._now()
        subjects = self._subjects(number, conversation_id)

        def change(session: Session) -> None:
            session.execute(delete(OrderAttemptRow).where(OrderAttemptRow.at <= now - WINDOW))
            session.add_all(OrderAttemptRow(subject=subject, at=now) for subject in subjects)

        write(self._engine, change)

    def locked(self, number: str, conversation_id: str = "") -> bool:
        """Whether the number, or the conversation, had five wrong addresses within an hour.

        Args:
            number: Of the order, as it was typed.
            conversation_id: Where it was typed.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        count = func.count()
        query = (
            select(count)
            .where(
                OrderAttemptRow.subject.in_(self._subjects(number, conversation_id)),
                OrderAttemptRow.at > self._now() - WINDOW,
            )
            .group_by(OrderAttemptRow.subject)
            .having(count >= MOST_WRONG)
        )
        with explained(self._engine.url), sessionmaker(self._engine)() as session:
            return session.scalar(query) is not None

    def _subjects(self, number: str, conversation_id: str) -> list[str]:
        named = [f"number {normalised(number)}"]
        if conversation_id:
            named.append(f"conversation {conversation_id}")
        return [self._digest(name) for name in named]

    def _digest(self, name: str) -> str:
        key = self._key.get_secret_value().encode()
        return hmac.new(key, f"amends order attempts: {name}".encode(), sha256).hexdigest()
