"""Notice that tickets changed, whichever process changed them."""

import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import URL, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from tickets.models import ChangeRow
from tickets.record import CHANNEL, KEPT_CHANGES

logger = logging.getLogger(__name__)

POLL_S = 0.2
AGAIN_S = 1.0
"""How long to wait for a database that is away."""

KEEPALIVE: dict[str, Any] = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""A server that vanished without a word is missed within half a minute."""

Changed = Callable[[str], None]
Lost = Callable[[], None]


class Watcher(Protocol):
    """Runs in a thread of its own until it is told to stop."""

    def watch(self, stop: threading.Event, changed: Changed, lost: Lost) -> None:
        """Report each change; returns soon after `stop` is set.

        Args:
            stop: Ends it.
            changed: Called with the reference of a ticket that changed.
            lost: Called when earlier changes may have been missed, as at the start.
        """


def watcher(engine: Engine) -> Watcher:
    """The way to watch that this database offers."""
    if engine.dialect.name == "postgresql":
        return PostgresqlWatcher(engine.url)
    return PollingWatcher(engine)


class PollingWatcher:
    """Reads the table of changes again and again, as SQLite notifies nobody."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._seen: int | None = None

    def watch(self, stop: threading.Event, changed: Changed, lost: Lost) -> None:
        """Report each change, see `Watcher`."""
        while True:
            self._look(changed, lost)
            if stop.wait(POLL_S):
                return

    def _look(self, changed: Changed, lost: Lost) -> None:
        try:
            if self._seen is None:
                self._seen = self._newest()
                lost()
            found = self._new_changes(self._seen)
        except SQLAlchemyError as error:
            # Tried again at the next look, from where the last good one ended: nothing is missed.
            logger.warning("changes of tickets cannot be read: %s", type(error).__name__)
            return
        if len(found) >= KEPT_CHANGES:  # older ones are gone
            lost()
        for reference in dict.fromkeys(found):
            changed(reference)

    def _newest(self) -> int:
        with self._engine.connect() as connection:
            return connection.scalar(select(func.max(ChangeRow.id))) or 0

    def _new_changes(self, seen: int) -> list[str]:
        query = select(ChangeRow.id, ChangeRow.reference).where(ChangeRow.id > seen)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(ChangeRow.id)).all()
        self._seen = rows[-1].id if rows else seen
        return [row.reference for row in rows]


class PostgresqlWatcher:
    """Listens for PostgreSQL's notifications, over a connection of its own."""

    def __init__(self, url: URL) -> None:
        plain = url.set(drivername="postgresql")
        self._address = plain.render_as_string(hide_password=False)

    def watch(self, stop: threading.Event, changed: Changed, lost: Lost) -> None:
        """Report each change, see `Watcher`."""
        while not stop.is_set():
            try:
                self._listen(stop, changed, lost)
            except psycopg.Error as error:
                logger.warning("changes of tickets cannot be heard: %s", type(error).__name__)
                stop.wait(AGAIN_S)

    def _listen(self, stop: threading.Event, changed: Changed, lost: Lost) -> None:
        with psycopg.connect(self._address, autocommit=True, **KEEPALIVE) as connection:
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            # Only now: what changes from here on is heard, what changed before is to be fetched.
            lost()
            while not stop.is_set():
                for notification in connection.notifies(timeout=POLL_S):
                    changed(notification.payload)
