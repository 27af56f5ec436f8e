"""The worker with real receivers, on both databases."""

import threading
import time
from contextlib import contextmanager

import pytest
from pydantic import SecretStr
from receiver import SECRET, answers, hangs, resets
from sqlalchemy import text as sql
from working import helpdesks, until, working

from amends.settings import Settings
from tickets import outbox
from tickets.delivery import deliver, wake_up, worker
from tickets.delivery.configured import connectors
from tickets.delivery.webhook import WebhookConnector

SENT = ("ticket.opened", "sent", ["mail", "webhook"], 0, None)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(deliver, "wait_s", lambda failed: 0.05)
    monkeypatch.setattr(wake_up, "QUIET_POLL_S", 0.2)
    monkeypatch.setattr(wake_up, "POLL_S", 0.1)


@pytest.fixture
def ways(receiver, mail):
    return helpdesks(receiver.url, mail.port)


@pytest.fixture
def settled(rows):
    """Waits until nothing is pending any more, and returns the rows."""

    def wait():
        until(lambda: all(row[1] != "pending" for row in rows()))
        return rows()

    return wait


def test_helpdesks_hear_of_what_concerns_them(
    any_store, any_url, ticket, ways, settled, receiver, mail
):
    reference = ticket().reference
    any_store.takeover.claim(reference, "Anna", "anna")
    any_store.takeover.resolve(reference, "anna")
    with working(any_url, ways):
        until(lambda: len(receiver.taken) == 3)
        until(lambda: len(mail.taken) == 1)
    assert receiver.types == ["ticket.opened", "ticket.claimed", "ticket.resolved"]
    assert receiver.taken[1][1]["data"]["by"] == "anna"
    assert mail.taken[0]["Subject"].startswith(reference)


def test_one_that_failed_is_tried_again_alone(any_url, ticket, ways, settled, receiver, mail):
    mail.answer = "451 later"
    ticket()
    with working(any_url, ways):
        until(lambda: len(receiver.taken) == 1)
        time.sleep(0.5)
        mail.answer = None
        ((*_, sent_to, attempts, error),) = settled()
    assert (sent_to, error) == (["mail", "webhook"], None)
    assert attempts >= 1
    assert (len(receiver.asked), len(mail.taken)) == (1, 1)


@pytest.mark.parametrize("broken", [answers(500), answers(503), answers(404, b"<p>"), resets])
def test_what_was_not_taken_is_tried_again_with_its_id(
    any_url, ticket, ways, settled, receiver, broken
):
    receiver.breaks = [broken, broken]
    ticket()
    with working(any_url, ways):
        assert settled() == [("ticket.opened", "sent", ["mail", "webhook"], 2, None)]
    assert len(receiver.asked) == 3
    assert len(set(receiver.asked)) == 1


def test_hang_of_one_keeps_neither_the_other_nor_other_tickets(
    any_url, ticket, settled, receiver, mail
):
    ways = helpdesks(receiver.url, mail.port, timeout_s=1.0)
    receiver.breaks = [hangs] * 4
    for number in range(4):
        ticket(f"web-{number}")
    started = time.monotonic()
    with working(any_url, ways):
        until(lambda: len(mail.taken) == 4)
        assert time.monotonic() - started < 1.5
        settled()
    assert time.monotonic() - started < 6
    assert len({name for name, _ in receiver.taken}) == 4


def test_later_events_wait_for_the_one_that_fails(
    any_store, any_url, ticket, case, ways, settled, receiver
):
    receiver.breaks = [answers(500)] * 3
    ticket()
    any_store.escalate(case("another", "web-1"))
    with working(any_url, ways):
        settled()
    assert receiver.types == ["ticket.opened", "ticket.appended"]


def test_gone_is_dead_at_once_and_keeps_nothing_back(
    any_store, any_url, ticket, case, ways, settled, receiver
):
    receiver.breaks = [answers(410)]
    ticket()
    any_store.escalate(case("another", "web-1"))
    with working(any_url, ways):
        first, second = settled()
    assert first[:4] == ("ticket.opened", "dead", ["mail"], 1)
    assert first[4].startswith("Expected HTTP 2xx from the webhook, found 410: it wants no more.")
    assert second == ("ticket.appended", "sent", ["webhook"], 0, None)
    assert len(receiver.asked) == 2


def test_after_so_many_attempts_it_is_dead_until_somebody_asks_again(
    any_store, any_url, ticket, ways, settled, receiver, monkeypatch
):
    monkeypatch.setattr(deliver, "ATTEMPTS", 3)
    receiver.always = answers(500)
    reference = ticket().reference
    with working(any_url, ways):
        assert settled()[0][:4] == ("ticket.opened", "dead", ["mail"], 3)
        assert len(receiver.asked) == 3
        receiver.always = None
        assert any_store.outbox.retry(reference) == 1
        assert settled() == [SENT]


def test_receiver_is_left_alone_as_it_wishes(any_url, ticket, ways, settled, receiver):
    receiver.breaks = [answers(429, retry_after="2")]
    ticket()
    with working(any_url, ways):
        settled()
    first, second = receiver.times
    assert 1.9 < second - first < 4


def test_without_connectors_tickets_stay_pending(any_url, ticket, rows):
    ticket()
    with working(any_url, {"ticket": ()}):
        time.sleep(0.5)
    assert rows() == [("ticket.opened", "pending", [], 0, None)]


def test_what_no_connector_wants_is_not_kept(any_store, any_url, ticket, ways, settled, mail):
    any_store.takeover.release(ticket().reference)
    reference = ticket("web-2").reference
    any_store.takeover.resolve(reference)
    (_, only_mail) = ways["ticket"]
    with working(any_url, {"ticket": (only_mail,)}):
        until(lambda: len(mail.taken) == 2)
        until(lambda: ("ticket.resolved", "sent", [], 0, "Nobody is told of ticket.resolved here.")
              in any_rows(any_store))  # fmt: skip


def any_rows(store):
    with store._engine.connect() as connection:
        found = connection.execute(
            sql("SELECT event, delivery, attempts, last_error FROM outbox ORDER BY id")
        )
        return [(row[0], row[1], [], row[2], row[3]) for row in found]


class Defective(WebhookConnector):
    """Has a defect with one ticket."""

    bad = ""

    async def send(self, event):
        if event.reference == self.bad:
            raise KeyError("Zerbrochen!")
        await super().send(event)


def test_defect_keeps_no_other_event_back_and_tells_no_words(
    any_url, ticket, settled, receiver, rows, capfd
):
    connector = Defective(receiver.url, SecretStr(SECRET), 1.0)
    connector.bad = ticket("web-1").reference
    good = ticket("web-2").reference
    with working(any_url, {"ticket": (connector,)}):
        until(lambda: len(receiver.taken) == 1)
        until(lambda: rows()[0][3] > 0)
    assert receiver.taken[0][1]["data"]["reference"] == good
    assert "found a defect (KeyError)" in capfd.readouterr().err
    assert "Zerbrochen" not in str(rows())


def test_two_workers_share_and_double_nothing(any_url, ticket, ways, settled, receiver, mail):
    for number in range(40):
        ticket(f"web-{number}")
    with working(any_url, ways), working(any_url, ways):
        assert settled() == [SENT] * 40
    assert (len(receiver.asked), len(mail.taken)) == (40, 40)


def test_change_is_heard_at_once(any_store, any_url, ticket, ways, receiver, monkeypatch):
    """PostgreSQL tells of it; SQLite is looked at twice a second."""
    monkeypatch.setattr(wake_up, "QUIET_POLL_S", 60)
    monkeypatch.setattr(wake_up, "POLL_S", 0.5)
    with working(any_url, ways):
        time.sleep(1)
        for number in range(3):
            started = time.monotonic()
            ticket(f"web-{number}")
            until(lambda: len(receiver.taken) == number + 1)  # noqa: B023
            assert time.monotonic() - started < 2


def test_listening_begins_anew_when_the_connection_breaks(
    postgresql, ticket, any_url, ways, receiver, monkeypatch
):
    if not any_url.startswith("postgresql"):
        pytest.skip("SQLite tells nobody of changes.")
    monkeypatch.setattr(wake_up, "QUIET_POLL_S", 60)
    monkeypatch.setattr(wake_up, "RECONNECT_S", 0.1)
    with working(any_url, ways):
        time.sleep(0.5)
        with postgresql.connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
            )
        time.sleep(1)
        ticket()
        until(lambda: len(receiver.taken) == 1, 5)


@contextmanager
def locked(store):
    """A database that lets nobody else write or read what is to be written."""
    with store._engine.execution_options(write=True).begin() as connection:
        if store._engine.dialect.name == "postgresql":
            connection.execute(sql("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE"))
        yield


def test_database_that_is_held_for_a_while_loses_nothing(
    any_store, any_url, ticket, ways, settled, receiver
):
    ticket()
    with working(any_url, ways, lease_s=1.0):
        settled()
        with locked(any_store):
            time.sleep(3)
        ticket("web-2")
        assert settled() == [SENT, SENT]


def test_what_was_taken_while_the_database_was_held_is_written_down_later(
    any_store, any_url, ticket, ways, settled, receiver
):
    held = threading.Event()

    def take_while_it_is_held(handler):
        held.wait(10)
        answers(200)(handler)

    receiver.breaks = [take_while_it_is_held]
    ticket()
    with working(any_url, ways):
        until(lambda: receiver.asked)
        with locked(any_store):
            held.set()
            time.sleep(3)
        assert settled() == [SENT]
    assert len(receiver.asked) == 1


def test_stop_gives_back_what_is_on_its_way(
    any_store, any_url, ticket, rows, receiver, monkeypatch
):
    monkeypatch.setattr(worker, "FINISH_S", 0.3)
    receiver.always = hangs
    ticket()
    slow = {"ticket": (WebhookConnector(receiver.url, SecretStr(SECRET), 20.0),)}
    started = time.monotonic()
    with working(any_url, slow):
        until(lambda: receiver.asked)
    assert time.monotonic() - started < 5
    assert rows() == [("ticket.opened", "pending", [], 0, None)]
    assert len(any_store.outbox.lease("ticket", 10)) == 1


def test_stop_lets_what_is_on_its_way_finish(any_url, ticket, rows, receiver):
    receiver.breaks = [lambda handler: (time.sleep(0.5), answers(200)(handler))]
    ticket()
    with working(any_url, {"ticket": (WebhookConnector(receiver.url, SecretStr(SECRET), 9.0),)}):
        until(lambda: receiver.asked)
    assert rows() == [("ticket.opened", "sent", ["webhook"], 0, None)]


def test_waits_grow_to_an_hour_and_come_to_about_a_day(monkeypatch):
    monkeypatch.undo()
    from tickets.delivery.back_off import ATTEMPTS, wait_s

    waits = [[wait_s(failed) for failed in range(ATTEMPTS - 1)] for _ in range(200)]
    assert all(0 <= wait <= min(3600, 2 * 2**n) for one in waits for n, wait in enumerate(one))
    days = sum(map(sum, waits)) / len(waits) / 86_400
    assert 0.9 < days < 1.2
    assert len({one[5] for one in waits}) == 200
    assert wait_s(10**6) <= 3600


def test_words_of_a_failure_are_all_there(any_url, ticket, ways, rows, receiver, mail):
    receiver.always = answers(500)
    mail.answer = "451 later"
    ticket()
    with working(any_url, ways):
        until(lambda: rows()[0][3] > 1)
    (row,) = rows()
    assert "found 500." in row[4]
    assert "found SMTP 451." in row[4]


def test_no_delivery_outlasts_its_lease():
    addresses = {"mail_from": "a@b.example", "mail_to": "a@b.example"}
    hook = {"webhook_url": "https://x.example", "webhook_secret": SECRET}
    settings = Settings(smtp_url="smtp://x.example", **addresses, **hook)
    deadlines = [way.timeout_s for family in connectors(settings).values() for way in family]
    assert len(deadlines) == 3
    assert max(deadlines) < outbox.LEASE_S / 1.5
