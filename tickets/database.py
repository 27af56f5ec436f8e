"""The database under the ticket store: how it is opened, checked and brought up to date."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from amends.errors import AmendsError

LOCK_WAIT_S = 2.0
"""How long a SQLite write waits for another one; less than an action has for its answer."""

MIGRATE = "Run `amends tickets migrate`"


class TicketStoreError(AmendsError):
    """The ticket store cannot do what was asked; says what was expected, found, and to do."""


class DatabaseFaultError(TicketStoreError):
    """The database itself refused or cannot be reached; nothing is wrong with what was asked."""


def open_engine(url: str) -> Engine:
    """An engine for a SQLAlchemy URL; connects to nothing yet.

    Transactions begun with the execution option `write=True` take SQLite's write lock at once.

    Raises:
        TicketStoreError: the URL is malformed, names no known database, or one in memory.
    """
    parsed = _parsed(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    arguments = {"timeout": LOCK_WAIT_S} if sqlite else {}
    try:
        # Parameters hold what shoppers wrote: they stay out of errors and logs.
        engine = create_engine(parsed, hide_parameters=True, connect_args=arguments)
    except (NoSuchModuleError, ImportError) as error:
        raise TicketStoreError(
            f"Expected a database that is installed here, found {parsed.drivername} ({error}). "
            "Install its driver or correct AMENDS_DATABASE_URL."
        ) from error
    if sqlite:
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite URL, None for another database."""
    is_sqlite = url.get_backend_name() == "sqlite"
    return Path(url.database) if is_sqlite and url.database else None


def migrate(url: str) -> None:
    """Create the ticket database or bring it up to date; keeps what is in it.

    Raises:
        TicketStoreError: it cannot be reached, or was made by a newer Amends.
    """
    engine = open_engine(url)
    try:
        with explained(engine.url):
            _make_folder(engine.url)
            with engine.execution_options(write=True).begin() as connection:
                _refuse_newer(connection)
                command.upgrade(alembic_config(connection), "head")
    finally:
        engine.dispose()


def check_schema(engine: Engine) -> None:
    """Make sure that the database is the one this code was written for.

    Raises:
        TicketStoreError: it cannot be reached, or its schema is not the newest.
    """
    file = sqlite_file(engine.url)
    if file and not file.exists():  # connecting would leave an empty file behind
        raise TicketStoreError(f"Expected a ticket database at {file}, found none. {MIGRATE}.")
    with explained(engine.url), engine.connect() as connection:
        _refuse_newer(connection)
        found, expected = revisions(connection), _scripts(connection).get_heads()
        if set(found) != set(expected):
            raise TicketStoreError(
                f"Expected the ticket database at revision {', '.join(expected)}, found "
                f"{', '.join(found) or 'an empty one'}. {MIGRATE}."
            )


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn the database's errors into one that says what to do, without shoppers' words.

    Raises:
        DatabaseFaultError: the database refused or could not be reached.
    """
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        found = str(cause).partition("\n")[0]
        raise DatabaseFaultError(
            f"Expected a working ticket database at {url.render_as_string(hide_password=True)}, "
            f"found {type(cause).__name__}: {found}. {_remedy(cause)}"
        ) from error


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings, for migrations over an open connection."""
    config = Config()
    config.set_main_option("script_location", "tickets:migrations")
    config.attributes["connection"] = connection
    return config


def revisions(connection: Connection) -> tuple[str, ...]:
    """The revisions that a database is at; none when it was never migrated."""
    return MigrationContext.configure(connection).get_current_heads()


def _scripts(connection: Connection) -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config(connection))


def _refuse_newer(connection: Connection) -> None:
    known = {script.revision for script in _scripts(connection).walk_revisions()}
    unknown = set(revisions(connection)) - known
    if unknown:
        raise TicketStoreError(
            f"Expected a ticket database of this Amends or an older one, found revision "
            f"{', '.join(sorted(unknown))}. Update Amends, or use another AMENDS_DATABASE_URL."
        )


def _remedy(cause: object) -> str:
    if isinstance(cause, sqlite3.OperationalError) and "locked" in str(cause):
        return "Another process holds it: try again, and stop what keeps it open if that persists."
    return "Check that it is reachable and writable, and that AMENDS_DATABASE_URL is right."


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:  # the URL may hold a password: it is not repeated
        raise TicketStoreError(
            "Expected a database URL such as sqlite:////var/lib/amends/tickets.db, found one that "
            "cannot be read. Correct AMENDS_DATABASE_URL."
        ) from error
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise TicketStoreError(
            "Expected a database that outlives the process, found SQLite in memory. "
            "Name a file in AMENDS_DATABASE_URL."
        )
    return parsed


def _make_folder(url: URL) -> None:
    file = sqlite_file(url)
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)


def _configure_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # The driver's own transactions begin late and leave out DDL; `_begin_sqlite` begins them.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # SQLite's own knows the letters of ASCII alone: a search for MÜLLER would not find Müller.
    connection.create_function("lower", 1, _lower, deterministic=True)
    # Readers and the writer do not wait for each other. `synchronous` stays FULL: a ticket that
    # was announced survives a power cut.
    _write_ahead(connection)


def _lower(text: str | None) -> str | None:
    return text.lower() if text is not None else None


def _write_ahead(connection: sqlite3.Connection) -> None:
    # SQLite does not wait for the lock that a new file's first switch needs, whatever the timeout:
    # of processes that open it at once one was refused.
    end = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A write that starts as a read fails at once when another one slips in between; taking the
    # lock first makes it wait its turn.
    writes = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
