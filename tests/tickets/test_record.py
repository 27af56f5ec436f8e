"""What is written beside a change: audit, outbox, and that screens are out of date."""

import json
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import text as sql_text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tickets.conversations import Line
from tickets.models import OutboxRow, TicketRow
from tickets.record import CHANNEL, KEPT_CHANGES, announce, audit, queue_event
from tickets.store import TicketStoreError

ON_POSTGRESQL = pytest.mark.parametrize("any_url", ["postgresql"], indirect=True)


@pytest.fixture
def listening(any_url):
    """A connection of another process that listens as the desk does."""
    plain = any_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        yield lambda: [
            (notify.channel, notify.payload) for notify in connection.notifies(timeout=0.5)
        ]


def changes(sql):
    return [reference for (reference,) in sql("SELECT reference FROM changes ORDER BY id")]


@ON_POSTGRESQL
def test_postgresql_notifies_who_listens_of_each_change(any_store, ticket, listening):
    reference = ticket().reference
    any_store.takeover.claim(reference, "Anna")
    any_store.takeover.claim(reference, "Anna")  # changes nothing
    any_store.takeover.resolve(reference)
    assert listening() == [(CHANNEL, reference)] * 3


@ON_POSTGRESQL
def test_postgresql_notifies_nobody_of_what_was_not_committed(any_store, ticket, listening):
    reference = ticket().reference
    assert listening() == [(CHANNEL, reference)]
    with Session(any_store._engine) as session:
        announce(session, reference)
        session.rollback()
    with pytest.raises(TicketStoreError):
        any_store.takeover.claim("AM-X", "Anna")
    assert listening() == []


def test_sqlite_keeps_a_row_of_each_change(store, case, sql):
    reference = store.escalate(case()).ticket.reference
    store.takeover.claim(reference, "Anna")
    store.takeover.claim(reference, "Anna")  # changes nothing
    store.takeover.assign(reference, "ben")  # released, then assigned
    assert changes(sql) == [reference] * 4


def test_sqlite_keeps_the_newest_changes_alone(store, case, sql):
    store.escalate(case())
    with Session(store._engine.execution_options(write=True)) as session, session.begin():
        for number in range(KEPT_CHANGES + 10):
            announce(session, f"AM-{number}")
    kept = changes(sql)
    assert (kept[0], kept[-1], len(kept)) == ("AM-10", f"AM-{KEPT_CHANGES + 9}", KEPT_CHANGES)


@ON_POSTGRESQL
def test_postgresql_keeps_no_rows(any_store, ticket):
    ticket()
    with any_store._engine.connect() as connection:
        assert connection.scalar(sql_text("SELECT count(*) FROM changes")) == 0


def test_what_is_said_on_a_ticket_is_announced_too(store, case, sql):
    reference = store.escalate(case()).ticket.reference
    said = Line(
        conversation_id="c1", message_id="m9", role="shopper", text="Hello?",
        created_at=datetime.now(UTC),
    )  # fmt: skip
    store.conversations.record(said)
    store.conversations.record(said)
    assert changes(sql) == [reference] * 2


def test_audit_and_event_are_undone_with_the_change(any_store, ticket):
    ticket()
    with Session(any_store._engine) as session:
        row = session.query(TicketRow).one()
        audit(session, row, "anna", "looked", {"at": "it"})
        queue_event(session, row, "ticket.claimed", {"by": "anna"})
        session.flush()
        session.rollback()
    with any_store._engine.connect() as connection:
        counted = [
            connection.scalar(sql_text(f"SELECT count(*) FROM {table}"))
            for table in ("audit", "outbox")
        ]
    assert counted == [1, 1]


def test_audit_says_who_did_what_and_what_else_there_is_to_know(any_store, ticket):
    reference = ticket().reference
    any_store.takeover.assign(reference, "ben", by="anna")
    with any_store._engine.connect() as connection:
        found = connection.execute(
            sql_text("SELECT actor, action, detail FROM audit ORDER BY id")
        ).all()
    told = [(actor, action, as_json(detail)) for actor, action, detail in found]
    assert told == [
        ("shopper", "opened", {"rule": "strong_negative"}),
        ("anna", "assigned", {"to": "ben"}),
    ]


def test_an_event_is_due_at_once_and_was_sent_to_nobody(any_store, ticket):
    ticket()
    with Session(any_store._engine) as session:
        row = session.query(OutboxRow).one()
        assert (row.delivery, row.attempts, row.sent_to) == ("pending", 0, [])
        assert row.next_attempt_at == row.created_at <= datetime.now(UTC)


def test_an_event_that_nobody_knows_is_refused(store):
    with Session(store._engine) as session:
        queue_event(session, TicketRow(id=1), "ticket.eaten", {})
        with pytest.raises(IntegrityError, match="CHECK constraint failed: ck_outbox_event"):
            session.flush()


def as_json(value):
    return json.loads(value) if isinstance(value, str) else value
