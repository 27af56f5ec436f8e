import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

import tickets.store
from tickets.case import Case, Outcome, Status
from tickets.store import TicketStore, TicketStoreError


def test_first_case_opens_a_ticket_with_its_message_and_reason(store, case):
    before = datetime.now(UTC)
    scores = {"polarity": "negative", "severity": 0.81, "runners_up": []}
    opened = store.escalate(case(text="Where is it??", assessment=scores))

    ticket = opened.ticket
    assert opened.outcome is Outcome.OPENED
    assert ticket.status is Status.OPEN
    assert (ticket.conversation_id, ticket.category) == ("c1", "delivery")
    assert (ticket.rule, ticket.detail) == ("strong_negative", "severity 0.81 >= 0.44")
    assert before <= ticket.created_at <= ticket.updated_at <= datetime.now(UTC)
    (message,) = ticket.messages
    assert (message.message_id, message.text) == ("m1", "Where is it??")
    assert message.assessment == scores
    assert message.triage.detail == "severity 0.81 >= 0.44"
    assert store.get(ticket.reference) == ticket


def test_times_come_back_in_utc(store, case):
    reference = store.escalate(case()).ticket.reference
    ticket = store.get(reference)
    times = (ticket.created_at, ticket.updated_at, ticket.messages[0].created_at)
    assert [time.utcoffset() for time in times] == [timedelta(0)] * 3


def test_outbox_tells_what_was_committed(store, case, sql):
    ticket = store.escalate(case("m1", text="Where is it?")).ticket
    store.escalate(case("m2", text="Still nothing."))
    rows = sql("SELECT event, delivery, attempts, payload FROM outbox ORDER BY id")
    assert [row[:3] for row in rows] == [
        ("ticket.opened", "pending", 0),
        ("ticket.appended", "pending", 0),
    ]
    payload = json.loads(rows[1][3])
    assert payload["reference"] == ticket.reference
    assert (payload["conversation_id"], payload["category"]) == ("c1", "delivery")
    assert payload["message"]["text"] == "Still nothing."
    assert payload["message"]["triage"]["rule"] == "strong_negative"


def test_second_complaint_is_appended_to_the_open_ticket(store, case, counts):
    first = store.escalate(case("m1"))
    second = store.escalate(case("m2", text="Still nothing."))
    assert second.outcome is Outcome.APPENDED
    assert second.ticket.reference == first.ticket.reference
    assert [message.text for message in second.ticket.messages] == [
        "Where is it?",
        "Still nothing.",
    ]
    assert second.ticket.updated_at >= first.ticket.updated_at
    assert counts() == (1, 2, 2)


def test_claimed_ticket_is_appended_to_and_stays_claimed(store, case, sql, counts):
    store.escalate(case("m1"))
    sql("UPDATE tickets SET status = 'claimed'")
    second = store.escalate(case("m2"))
    assert (second.outcome, second.ticket.status) == (Outcome.APPENDED, Status.CLAIMED)
    assert counts() == (1, 2, 2)


def test_new_complaint_after_resolution_opens_another_ticket(store, case, sql, counts):
    first = store.escalate(case("m1"))
    sql("UPDATE tickets SET status = 'resolved'")
    second = store.escalate(case("m2"))
    assert second.outcome is Outcome.OPENED
    assert second.ticket.reference != first.ticket.reference
    assert counts() == (2, 2, 2)


@pytest.mark.parametrize(
    "other", [{"category": "billing_and_payment"}, {"conversation": "c2", "message": "m1"}]
)
def test_other_category_or_conversation_opens_another_ticket(store, case, counts, other):
    first = store.escalate(case("m1"))
    second = store.escalate(case(**{"message": "m2", **other}))
    assert second.outcome is Outcome.OPENED
    assert second.ticket.reference != first.ticket.reference
    assert counts() == (2, 2, 2)


@pytest.mark.parametrize("status", Status)
def test_repeated_message_writes_nothing_whatever_became_of_its_ticket(
    store, case, sql, counts, status
):
    first = store.escalate(case("m1"))
    sql("UPDATE tickets SET status = ?", status)
    again = store.escalate(case("m1", category="customer_service", text="other words"))
    assert again.outcome is Outcome.REPEATED
    assert again.ticket.reference == first.ticket.reference
    assert again.ticket.messages == first.ticket.messages
    assert again.ticket.updated_at == first.ticket.updated_at
    assert counts() == (1, 1, 1)


def test_list_is_newest_change_first_and_can_be_narrowed(store, case, sql):
    for conversation in ("c1", "c2", "c3"):
        store.escalate(case("m1", conversation))
    store.escalate(case("m2", "c1"))
    sql("UPDATE tickets SET status = 'resolved' WHERE conversation_id = 'c2'")

    def conversations(**arguments):
        return [ticket.conversation_id for ticket in store.list(**arguments)]

    assert conversations() == ["c1", "c3", "c2"]
    assert conversations(limit=1) == ["c1"]
    assert conversations(status=Status.OPEN) == ["c1", "c3"]
    assert conversations(status=Status.RESOLVED) == ["c2"]
    assert conversations(status=Status.CLAIMED) == []
    assert [len(ticket.messages) for ticket in store.list()] == [2, 1, 1]


def test_reference_is_found_as_people_type_it(store, case):
    ticket = store.escalate(case()).ticket
    code = ticket.reference.removeprefix("AM-")
    for typed in (
        ticket.reference,
        f" {ticket.reference.lower()}\n",
        code,
        f"{code[:3]} {code[3:]}",
    ):
        assert store.get(typed) == ticket


@pytest.mark.parametrize("reference", ["AM-000000", "", "'; DROP TABLE tickets; --", "%"])
def test_unknown_reference_is_none(store, case, reference):
    store.escalate(case())
    assert store.get(reference) is None


def test_text_that_no_database_takes_loses_no_ticket(store, case):
    ticket = store.escalate(case(text="broken \ud83d half and \0 nul, whole \U0001f600")).ticket
    assert store.get(ticket.reference).messages[0].text == (
        "broken \ufffd half and \ufffd nul, whole \U0001f600"
    )


@pytest.mark.parametrize("field", ["conversation_id", "message_id", "category"])
@pytest.mark.parametrize("value", ["", "x" * 256])
def test_case_without_or_with_endless_identifiers_is_refused(case, field, value):
    with pytest.raises(ValidationError, match=field):
        Case(**{**case().model_dump(), field: value})


def test_reference_that_is_taken_is_drawn_again(store, case, monkeypatch, counts):
    drawn = iter(["AM-CCCCCC", "AM-CCCCCC", "AM-DDDDDD"])
    monkeypatch.setattr(tickets.store, "new_reference", lambda: next(drawn))
    store.escalate(case("m1", "c1"))
    assert store.escalate(case("m1", "c2")).ticket.reference == "AM-DDDDDD"
    assert counts() == (2, 2, 2)


def test_loser_of_a_race_finds_the_winners_ticket(store, case, monkeypatch, counts):
    """Where the lock comes too late, the unique index refuses and the second look appends."""
    winner = store.escalate(case("m1"))
    look, looks = tickets.store._appended, []

    def look_before_the_winner_committed(session, case):
        looks.append(1)
        return look(session, case) if len(looks) > 1 else None

    monkeypatch.setattr(tickets.store, "_appended", look_before_the_winner_committed)
    loser = store.escalate(case("m2"))
    assert len(looks) == 2
    assert loser.outcome is Outcome.APPENDED
    assert loser.ticket.reference == winner.ticket.reference
    assert counts() == (1, 2, 2)


def test_database_refuses_what_the_words_do_not_allow(store, case, sql):
    store.escalate(case())
    for statement in (
        "UPDATE tickets SET status = 'closed'",
        "UPDATE outbox SET delivery = 'lost'",
        "UPDATE outbox SET event = 'ticket.burned'",
        "UPDATE outbox SET attempts = -1",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed"):
            sql(statement)


def test_database_keeps_readers_going_and_knows_its_foreign_keys(store, database):
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_store_reads_while_another_connection_writes(store, case, database):
    store.escalate(case())
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert len(store.list()) == 1


def test_database_held_by_another_process_is_an_error_that_says_so(store, case, database):
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(
            TicketStoreError, match=r"database is locked\. Another process holds it"
        ):
            store.escalate(case(text="my secret words"))
    assert store.escalate(case()).outcome is Outcome.OPENED


def test_store_at_a_missing_file_says_migrate_and_leaves_none_behind(tmp_path):
    file = tmp_path / "none.db"
    with pytest.raises(TicketStoreError, match=r"found none\. Run `amends tickets migrate`"):
        TicketStore.open(f"sqlite:///{file}")
    assert not file.exists()
