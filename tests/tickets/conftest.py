import sqlite3
from contextlib import closing
from itertools import count

import postgresql_server
import pytest

from tickets.case import Case
from tickets.store import TicketStore, migrate
from tickets.triage import Decision, Triage


@pytest.fixture
def database(tmp_path):
    """The file of a migrated, empty ticket database."""
    file = tmp_path / "tickets.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def store(database):
    with closing(TicketStore.open(f"sqlite:///{database}")) as opened:
        yield opened


@pytest.fixture
def case():
    """Makes a case; every argument left out is the same each time."""

    def make(message="m1", conversation="c1", category="delivery", **changes):
        return Case(
            conversation_id=conversation,
            message_id=message,
            text=changes.pop("text", "Where is it?"),
            category=category,
            triage=Triage(
                decision=Decision.ESCALATE, rule="strong_negative", detail="severity 0.81 >= 0.44"
            ),
            **changes,
        )

    return make


@pytest.fixture
def sql(database):
    """Runs a statement on the database, past the store."""

    def run(statement, *values):
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            return connection.execute(statement, values).fetchall()

    return run


@pytest.fixture
def counts(sql):
    """How many tickets, messages and outbox rows there are."""

    def count():
        tables = ("tickets", "ticket_messages", "outbox")
        return tuple(sql(f"SELECT count(*) FROM {table}")[0][0] for table in tables)

    return count


@pytest.fixture(scope="session")
def postgresql():
    """A running PostgreSQL server."""
    with postgresql_server.running_or_skipped() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request, tmp_path):
    """The URL of an empty database that was never migrated, on each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'any.db'}"
    return request.getfixturevalue("postgresql").new()


@pytest.fixture
def any_store(any_url):
    migrate(any_url)
    with closing(TicketStore.open(any_url)) as opened:
        yield opened


@pytest.fixture
def ticket(any_store, case):
    """Opens a ticket in a conversation of the web channel, with another message each time."""
    numbers = count(1)

    def make(conversation="web-1", category="delivery"):
        message = f"opening {next(numbers)}"
        return any_store.escalate(case(message, conversation, category)).ticket

    return make
