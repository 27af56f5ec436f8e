"""What is deleted after its time and what is not, on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import text as sql_text

from tickets.conversations import Line
from tickets.deletion import Deleted
from tickets.files import CheckedFile
from tickets.labels import Correction
from tickets.notes import NewNote
from tickets.ratings import Rating
from tickets.retention import BATCH, outlived, purge
from tickets.store import TicketStoreError

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CUTOFF = NOW - timedelta(days=90)
LONG_AGO = NOW - timedelta(days=200)
BEFORE = NOW - timedelta(days=100)
LATELY = NOW - timedelta(days=10)

TABLES = {
    "tickets", "ticket_messages", "labels", "ticket_notes", "audit", "outbox",
    "conversation_messages", "attachments", "ratings", "conversations",
}  # fmt: skip


@pytest.fixture
def run(any_store):
    """Runs a statement on the database, past the store; returns the rows where it has some."""

    def execute(statement, **values):
        with any_store._engine.execution_options(write=True).begin() as connection:
            result = connection.execute(sql_text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else None

    return execute


@pytest.fixture
def rows(run):
    return lambda: {table: run(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


@pytest.fixture
def aged(any_store, case, run):
    """A ticket opened, and resolved if at all, at those moments."""
    numbers = count(1)

    def make(conversation, opened, resolved=None, category="delivery"):
        message = f"opening {next(numbers)}"
        reference = any_store.escalate(case(message, conversation, category)).ticket.reference
        if resolved is not None:
            any_store.takeover.resolve(reference, by="anna")
        run(
            "UPDATE tickets SET created_at = :c, updated_at = :u, resolved_at = :r"
            " WHERE reference = :ref",
            c=stored(any_store, opened),
            u=stored(any_store, resolved or opened),
            r=stored(any_store, resolved),
            ref=reference,
        )
        return reference

    return make


def stored(store, moment):
    """As the database keeps it."""
    if moment is None or store._engine.dialect.name == "postgresql":
        return moment
    return f"{moment.replace(tzinfo=None)}.000000"


@pytest.fixture
def say(any_store):
    numbers = count(1)

    def at(conversation, moment, attachment=None):
        line = Line(
            conversation_id=conversation, message_id=f"said-{next(numbers)}", role="shopper",
            text="Hello?", attachment_id=attachment, created_at=moment,
        )  # fmt: skip
        any_store.conversations.record(line)

    return at


@pytest.fixture
def send(any_store, run):
    def at(conversation, moment, content=b"a"):
        file = any_store.attachments.add(
            conversation, CheckedFile("a.pdf", "application/pdf", content)
        )
        run(
            "UPDATE attachments SET created_at = :c WHERE id = :id",
            c=stored(any_store, moment),
            id=file.id,
        )
        return file.id

    return at


def purged(store):
    """What is deleted; a look before says the same, and a second time there is nothing."""
    expected = outlived(store._engine, CUTOFF)
    deleted = purge(store._engine, CUTOFF)
    # Ratings stay, without whom they came from.
    assert deleted == expected
    assert purge(store._engine, CUTOFF) == outlived(store._engine, CUTOFF) == Deleted()
    return deleted


def test_an_empty_store(any_store):
    assert not purged(any_store)


def test_everything_of_an_old_case_goes(any_store, aged, say, send, rows, run):
    reference = aged("c1", LONG_AGO, BEFORE)
    any_store.labels.correct(reference, Correction(polarity="negative"), "anna")
    any_store.notes.add(reference, NewNote(author="anna", text="Called the courier."))
    any_store.ratings.rate(Rating(conversation_id="c1", request_id=reference, score=4))
    file = send("c1", LONG_AGO)
    say("c1", LONG_AGO, file)
    say("c1", BEFORE)
    run(
        "UPDATE conversations SET shopper_name = 'Zoe', updated_at = :u",
        u=stored(any_store, LONG_AGO),
    )
    deleted = purged(any_store)
    assert deleted == Deleted(
        tickets=1, messages=1, labels=1, notes=1, said=2, attachments=1, names=1
    )
    left = {table for table, number in rows().items() if number}
    assert left == {"ratings", "conversations"}
    assert run("SELECT conversation_id, score FROM ratings") == [("forgotten", 4)]
    assert run("SELECT shopper_name, waits FROM conversations") == [(None, 1)]


@pytest.mark.parametrize(
    ("opened", "resolved"), [(LONG_AGO, None), (LONG_AGO, LATELY), (LATELY, LATELY)]
)
def test_a_case_that_was_needed_lately_stays_with_what_was_said_since(
    any_store, aged, say, send, rows, opened, resolved
):
    aged("c1", opened, resolved)
    say("c1", opened + timedelta(minutes=1), send("c1", opened + timedelta(minutes=1)))
    before = rows()
    assert not purged(any_store)
    assert rows() == before


def test_what_was_said_before_the_case_that_stays_goes(any_store, aged, say, run):
    """A shopper who comes back every month would otherwise never be forgotten."""
    aged("c1", LONG_AGO, BEFORE)
    aged("c1", LATELY, LATELY, "quality")
    say("c1", LONG_AGO)
    say("c1", LATELY)
    assert purged(any_store) == Deleted(tickets=1, messages=1, said=1)
    assert run("SELECT category FROM tickets") == [("quality",)]


def test_all_that_was_said_stays_while_a_case_is_not_closed(any_store, aged, say, send):
    aged("c1", LATELY)
    say("c1", LONG_AGO, send("c1", LONG_AGO))
    assert not purged(any_store)


def test_what_was_said_where_there_is_no_case_goes(any_store, say, send):
    say("c1", BEFORE, send("c1", BEFORE))
    send("c1", BEFORE, b"never brought along")
    say("c1", LATELY)
    assert purged(any_store) == Deleted(said=1, attachments=2)


def test_a_file_stays_as_long_as_the_line_that_brought_it(any_store, aged, say, send):
    aged("c1", BEFORE, LATELY)
    say("c1", BEFORE + timedelta(minutes=1), send("c1", BEFORE - timedelta(minutes=1)))
    assert not purged(any_store)


def test_other_shoppers_are_left_alone(any_store, aged, say, send, rows):
    aged("c1", LONG_AGO, BEFORE)
    kept = aged("c2", LATELY)
    say("c1", LONG_AGO)
    say("c2", LATELY, send("c2", LATELY))
    purged(any_store)
    assert any_store.get(kept) is not None
    assert (rows()["conversation_messages"], rows()["attachments"]) == (1, 1)


def test_screens_are_told_of_what_is_gone(store, case, sql):
    reference = store.escalate(case()).ticket.reference
    store.takeover.resolve(reference)
    told = sql("SELECT count(*) FROM changes")[0][0]
    purge(store._engine, datetime.now(UTC) + timedelta(days=1))
    assert sql("SELECT reference FROM changes ORDER BY id")[told:] == [(reference,)]


def test_more_than_a_batch(store, case, sql):
    for number in range(BATCH * 2 + 5):
        store.escalate(case("m1", f"c{number}"))
    sql("UPDATE tickets SET status = 'resolved', resolved_at = '2020-01-01 00:00:00.000000'")
    deleted = purge(store._engine, CUTOFF)
    assert (deleted.tickets, deleted.messages) == (BATCH * 2 + 5, BATCH * 2 + 5)


def test_a_case_that_is_reopened_at_that_moment_stays_or_goes_whole(any_store, aged):
    """Whoever is first: none is left in pieces, and nobody waits in a circle."""
    from concurrent.futures import ThreadPoolExecutor

    references = [aged(f"c{number}", LONG_AGO, BEFORE) for number in range(10)]

    def reopen(reference):
        try:
            any_store.takeover.reopen(reference, by="anna")
        except TicketStoreError:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        done = pool.submit(purge, any_store._engine, CUTOFF)
        reopened = list(pool.map(reopen, references))
        done.result(60)
    found = [any_store.get(reference) for reference in references]
    assert [ticket is not None for ticket in found] == reopened
    assert all(ticket.messages for ticket in found if ticket)


def test_a_database_that_fails_is_said(store, case, sql):
    store.escalate(case())
    sql("UPDATE tickets SET status = 'resolved', resolved_at = '2020-01-01 00:00:00.000000'")
    sql("ALTER TABLE ticket_notes RENAME TO gone")
    with pytest.raises(TicketStoreError, match="no such table: ticket_notes"):
        purge(store._engine, CUTOFF)
    # In one transaction: the ticket is whole.
    assert sql("SELECT count(*) FROM ticket_messages") == [(1,)]
