"""The file of the demo shop: laid out when there is none, and anew when its days have passed."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, delete, event, inspect, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from amends.orders.connector import ShopDownError
from amends.orders.demo_seed import seeds
from amends.orders.demo_tables import DemoBase, SeedRow

FRESH_DAYS = 3
"""Then the orders are laid out anew, and what was done to them is forgotten."""


class DemoFile:
    """Opens transactions on a demo shop that is laid out.

    Args:
        file: Where it is.
        timeout_s: How long a transaction may wait for another process that writes.
        today: The day.
    """

    def __init__(self, file: Path, timeout_s: float, today: Callable[[], date]) -> None:
        self._file = file
        self._today = today
        self._engine = _engine(file, timeout_s)

    @contextmanager
    def session(self, *, write: bool = False) -> Iterator[Session]:
        """One transaction on a shop that is laid out; commits at the end.

        Raises:
            ShopDownError: the file cannot be used.
        """
        try:
            self._lay_out()
            engine = self._engine.execution_options(write=write)
            with Session(engine) as session, session.begin():
                yield session
        except (SQLAlchemyError, OSError) as error:
            raise _down(self._file, error) from error
        except ValueError as error:  # its message would repeat what stands there
            raise _down(self._file, TypeError("a row that is no order")) from error

    def _lay_out(self) -> None:
        today = self._today()
        if self._file.exists():
            with self._engine.connect() as connection:
                if _is_fresh(connection, today):
                    return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._engine.execution_options(write=True).begin() as connection:
            if not _is_fresh(connection, today):  # another process may have been faster
                _seed(connection, today)


def _is_fresh(connection: Connection, today: date) -> bool:
    if not inspect(connection).has_table(SeedRow.__tablename__):
        return False
    on = connection.scalar(select(SeedRow.on))
    return on is not None and (today - on).days <= FRESH_DAYS


def _seed(connection: Connection, today: date) -> None:
    DemoBase.metadata.create_all(connection)
    for table in reversed(DemoBase.metadata.sorted_tables):
        connection.execute(delete(table))
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        session.add_all([SeedRow(on=today), *seeds(today)])
        session.commit()


def _down(file: Path, error: Exception) -> ShopDownError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    found = str(cause).partition("\n")[0]
    return ShopDownError(
        f"Expected the demo shop's orders at {file}, found {type(cause).__name__}: {found}. "
        "Stop what keeps the file open; remove the file to begin anew."
    )


def _engine(file: Path, timeout_s: float) -> Engine:
    # A connection for each call: a file that was removed is not read on as a ghost.
    engine = create_engine(
        f"sqlite:///{file}",
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"timeout": timeout_s / 2},  # once to look, once to write
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver's own transactions begin late
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
