"""Taking events from the outbox and settling them, on both databases."""

import multiprocessing
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tickets import outbox
from tickets.lookup import NotFoundError
from tickets.models import OutboxRow
from tickets.outbox import Outbox
from tickets.store import TicketStore


@pytest.fixture(autouse=True)
def _no_head_start(monkeypatch):
    monkeypatch.setattr(outbox, "HEAD_START", timedelta(0))


@pytest.fixture
def box(any_store):
    return Outbox(any_store._engine)


@pytest.fixture
def rows(any_store):
    """Event, delivery, attempts and error of every row."""

    def read():
        with Session(any_store._engine) as session:
            found = session.scalars(select(OutboxRow).order_by(OutboxRow.id))
            return [(row.event, row.delivery, row.attempts, row.last_error) for row in found]

    return read


@pytest.fixture
def set_rows(any_store):
    """Changes rows, past the store."""

    def change(*where, **values):
        with any_store._engine.execution_options(write=True).begin() as connection:
            connection.execute(update(OutboxRow).where(*where).values(**values))

    return change


def names(events):
    return [event.event for event in events]


def test_event_says_what_there_is_to_deliver(box, ticket):
    opened = ticket("web-9")
    (event,) = box.lease("ticket", 10)
    assert (event.event, event.conversation_id) == ("ticket.opened", "web-9")
    assert event.payload["message"]["text"] == "Where is it?"
    assert event.name == f"{opened.reference}-{event.id}"
    assert (event.sent_to, event.attempts) == ((), 0)


def test_what_is_taken_is_not_given_to_another_until_the_lease_ends(box, ticket):
    ticket()
    (event,) = box.lease("ticket", 10, lease_s=0.3)
    assert box.lease("ticket", 10) == []
    assert event.due_at > datetime.now(UTC)
    deadline = datetime.now(UTC) + timedelta(seconds=5)
    while not (again := box.lease("ticket", 10)) and datetime.now(UTC) < deadline:
        pass
    assert [one.id for one in again] == [event.id]


def test_each_family_has_its_own(any_store, box, ticket):
    any_store.takeover.claim(ticket().reference, "Anna")
    assert names(box.lease("chat", 10)) == ["chat.joined"]
    assert names(box.lease("ticket", 10)) == ["ticket.opened"]


def test_events_of_a_ticket_go_one_after_the_other(any_store, box, ticket, case):
    reference = ticket().reference
    any_store.escalate(case("another", "web-1"))
    any_store.takeover.claim(reference, "Anna")
    other = ticket("web-2").reference
    seen = []
    while events := box.lease("ticket", 10):
        seen.append([(event.reference == other, event.event) for event in events])
        for event in events:
            box.done(event)
    assert seen == [
        [(False, "ticket.opened"), (True, "ticket.opened")],
        [(False, "ticket.appended")],
        [(False, "ticket.claimed")],
    ]


def test_dead_event_keeps_nothing_back(any_store, box, ticket, case):
    ticket()
    any_store.escalate(case("another", "web-1"))
    (first,) = box.lease("ticket", 10)
    box.failed(first, "No.", 100)
    assert box.lease("ticket", 10) == []
    (first,) = box.lease_these([first.id])
    box.failed(first, "No more.", None)
    assert names(box.lease("ticket", 10)) == ["ticket.appended"]


def test_notices_keep_their_order_across_the_tickets_of_a_chat(any_store, box, ticket):
    first, second = ticket().reference, ticket(category="billing_and_payment").reference
    takeover = any_store.takeover
    takeover.claim(first, "Anna")
    takeover.claim(second, "Anna")
    takeover.resolve(first)
    assert names(box.lease("chat", 10)) == ["chat.joined"]
    takeover.resolve(second)
    assert box.lease("chat", 10) == []


def test_arrival_that_was_overtaken_is_not_said(any_store, box, ticket, rows):
    reference = ticket().reference
    any_store.takeover.claim(reference, "Anna")
    any_store.takeover.hand_back(reference)
    assert box.lease("chat", 10) == []
    assert names(box.lease("chat", 10)) == ["chat.left"]
    joined = [row for row in rows() if row[0] == "chat.joined"]
    assert joined == [("chat.joined", "sent", 0, "Not said: a later notice says how it is now.")]
    with Session(any_store._engine) as session:
        sent = session.scalar(select(OutboxRow.sent_at).where(OutboxRow.event == "chat.joined"))
    assert sent is None


def test_question_for_a_rating_overtakes_no_arrival(any_store, box, ticket):
    first, second = ticket().reference, ticket(category="billing_and_payment").reference
    any_store.takeover.claim(first, "Anna")
    any_store.takeover.claim(second, "Anna")
    any_store.takeover.resolve(first)
    (joined,) = box.lease("chat", 10)
    box.done(joined)
    assert names([joined, *box.lease("chat", 10)]) == ["chat.joined", "chat.rating"]


def test_who_made_a_change_has_a_head_start(any_store, box, ticket, monkeypatch):
    monkeypatch.setattr(outbox, "HEAD_START", timedelta(seconds=30))
    standing = any_store.takeover.claim(ticket().reference, "Anna")
    assert box.lease("chat", 10) == []
    assert names(box.lease_these(standing.untold)) == ["chat.joined"]


def test_certain_events_are_taken_also_before_their_time_but_not_from_another(
    any_store, box, ticket
):
    untold = any_store.takeover.claim(ticket().reference, "Anna").untold
    (event,) = box.lease_these(untold)
    assert box.lease_these(untold) is None
    box.failed(event, "No.", 1000)
    (event,) = box.lease_these(untold)
    assert event.attempts == 1
    box.done(event)
    assert box.lease_these(untold) == []


def test_lease_of_one_who_died_is_not_waited_for(any_store, box, ticket):
    untold = any_store.takeover.claim(ticket().reference, "Anna").untold
    (event,) = box.lease_these(untold, lease_s=0)
    assert [one.id for one in box.lease_these(untold)] == [event.id]


def test_who_took_it_is_remembered(box, ticket):
    ticket()
    (event,) = box.lease("ticket", 10)
    for name in ("webhook", "mail", "webhook"):
        box.taken(event, name, ["mail", "webhook", "third"])
    box.release(event)
    (again,) = box.lease("ticket", 10)
    assert again.sent_to == ("mail", "webhook")


def test_what_all_have_taken_is_sent(box, ticket, rows):
    ticket()
    (event,) = box.lease("ticket", 10)
    box.taken(event, "mail", ["mail", "webhook"])
    assert rows() == [("ticket.opened", "pending", 0, "In delivery.")]
    box.taken(event, "webhook", ["mail", "webhook"])
    assert rows() == [("ticket.opened", "sent", 0, None)]


def test_event_that_was_deleted_while_it_was_delivered_is_none(any_store, box, ticket, rows):
    ticket()
    (event,) = box.lease("ticket", 10)
    with any_store._engine.execution_options(write=True).begin() as connection:
        connection.execute(delete(OutboxRow))
    box.taken(event, "webhook", ["webhook"])
    box.done(event)
    assert rows() == []


@pytest.mark.parametrize(
    "settle", [lambda box, event: box.failed(event, "Late.", None), Outbox.release]
)
def test_who_was_too_late_changes_nothing(box, ticket, rows, settle):
    ticket()
    (late,) = box.lease("ticket", 10, lease_s=0)
    (now,) = box.lease("ticket", 10)
    settle(box, late)
    assert rows() == [("ticket.opened", "pending", 0, "In delivery.")]
    box.done(now)
    settle(box, now)
    assert rows() == [("ticket.opened", "sent", 0, None)]


def test_what_is_old_is_buried_when_somebody_asks_for_news(any_store, box, ticket, rows, set_rows):
    any_store.takeover.claim(ticket().reference, "Anna")
    ago = datetime.now(UTC) - timedelta(days=7, minutes=1)
    set_rows(OutboxRow.event == "ticket.opened", next_attempt_at=ago)
    set_rows(OutboxRow.event == "chat.joined", next_attempt_at=ago)
    box.bury_old("ticket")
    why = "Nobody took it for 7 days: it is not sent as if it were news."
    assert sorted(rows()) == [
        ("chat.joined", "pending", 0, None),
        ("ticket.claimed", "pending", 0, None),
        ("ticket.opened", "dead", 0, why),
    ]


def test_what_is_tried_again_by_hand_is_no_old_news(box, ticket, rows, set_rows):
    ticket()
    ago = datetime.now(UTC) - timedelta(days=70)
    set_rows(created_at=ago, next_attempt_at=ago)
    box.bury_old("ticket")
    assert box.retry(None) == 1
    box.bury_old("ticket")
    assert names(box.lease("ticket", 10)) == ["ticket.opened"]


def test_retry_begins_anew_with_the_dead_ones_of_a_ticket(box, ticket, rows):
    mine, other = ticket("web-1").reference, ticket("web-2").reference
    for event in box.lease("ticket", 10):
        box.failed(event, "No.", None)
    assert box.retry(mine.lower()) == 1
    assert rows()[0] == ("ticket.opened", "pending", 0, "No.")
    assert rows()[1] == ("ticket.opened", "dead", 1, "No.")
    assert [event.reference for event in box.lease("ticket", 10)] == [mine]
    assert box.retry(mine) == 0
    assert box.retry(None) == 1
    assert [event.reference for event in box.lease("ticket", 10)] == [other]


def test_retry_of_no_ticket_is_told(box):
    with pytest.raises(NotFoundError, match="found 'AM-NOSUCH', which none has"):
        box.retry("AM-NOSUCH")


def test_undelivered_are_listed_with_why(box, ticket):
    for chat in ("web-1", "web-2", "web-3"):
        ticket(chat)
    first, second, third = box.lease("ticket", 10)
    box.failed(first, "No.", 60)
    box.failed(second, "Never.", None)
    box.done(third)
    found = box.undelivered(10)
    assert [(one.event.id, one.delivery, one.last_error) for one in found] == [
        (first.id, "pending", "No."),
        (second.id, "dead", "Never."),
    ]
    assert found[0].event.due_at > datetime.now(UTC) + timedelta(seconds=50)
    assert [one.event.id for one in box.undelivered(1)] == [first.id]
    assert [one.event.id for one in box.undelivered(10, "dead")] == [second.id]


def _lease_all(url, ready, taken):
    with closing(TicketStore.open(url)) as store:
        ready.wait(60)
        mine = []
        while events := store.outbox.lease("ticket", 3):
            mine += [event.id for event in events]
        taken.put(mine)


def test_of_processes_that_take_at_once_none_takes_what_another_has(any_store, any_url, ticket):
    for number in range(60):
        ticket(f"web-{number}")
    spawn = multiprocessing.get_context("spawn")
    ready, taken = spawn.Barrier(3), spawn.Queue()
    workers = [spawn.Process(target=_lease_all, args=(any_url, ready, taken)) for _ in range(3)]
    for worker in workers:
        worker.start()
    found = [taken.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join(60)
    together = [one for mine in found for one in mine]
    assert len(together) == len(set(together))
    # One that finds every due row locked for a moment may stop early; then the last one goes on.
    assert len(together) + len(any_store.outbox.lease("ticket", 100)) == 60
