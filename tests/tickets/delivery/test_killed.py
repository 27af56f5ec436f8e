"""Workers that are killed for real, at every step: nothing is lost, and nothing comes anew."""

import multiprocessing
import random
import signal
import time
from collections import Counter
from email.message import EmailMessage

import pytest
from receiver import answers
from working import STEPS, life, until

KILLS_PER_STEP = 4
RANDOM_KILLS = 20

spawn = multiprocessing.get_context("forkserver")
spawn.set_forkserver_preload(["tickets.delivery.worker", "tickets.store", "httpx", "aiosmtpd"])


@pytest.fixture
def start(any_url, receiver, mail):
    """Starts a worker that dies at a step."""
    started = []

    def run(step="at never", number=1):
        process = spawn.Process(target=life, args=(any_url, receiver.url, mail.port, step, number))
        started.append(process)
        process.start()
        return process

    yield run
    for process in started:
        process.kill()
        process.join()


@pytest.fixture
def open_tickets(any_store, ticket, case):
    """Opens tickets, each with something that came after."""

    def make(round_number, tickets):
        for number in range(tickets):
            chat = f"web-{round_number}-{number}"
            ticket(chat)
            any_store.escalate(case("another", chat))

    return make


def first_arrivals(receiver):
    """Per ticket, what came in which order when repeats are left out."""
    seen, order = set(), {}
    for name, content in receiver.taken:
        if name not in seen:
            seen.add(name)
            order.setdefault(content["data"]["reference"], []).append(content["type"])
    return order


def check(any_store, receiver, mail, rows, events):
    names = Counter(name for name, _ in receiver.taken)
    assert [row[1] for row in rows()] == ["sent"] * events
    assert len(names) == events
    assert set(map(tuple, first_arrivals(receiver).values())) == {
        ("ticket.opened", "ticket.appended")
    }
    contents = {}
    for name, content in receiver.taken:
        assert contents.setdefault(name, content) == content
    mails = Counter(EmailMessage.get(one, "Message-ID") for one in mail.taken)
    assert len(mails) == events // 2
    return names.total() - events, mails.total() - events // 2


def test_nothing_is_lost_at_any_step(any_store, receiver, mail, rows, open_tickets, start, capsys):
    steps = STEPS * KILLS_PER_STEP
    random.shuffle(steps)
    for number, step in enumerate(steps):
        open_tickets(number, 2)
        if random.random() < 0.3:
            receiver.breaks.append(answers(503))
        worker = start(step, random.randint(1, 3))
        worker.join(30)
        assert worker.exitcode == -signal.SIGKILL, step
    start()
    until(lambda: all(row[1] == "sent" for row in rows()), 60)
    again, mails_again = check(any_store, receiver, mail, rows, len(steps) * 2 * 2)
    with capsys.disabled():
        print(  # noqa: T201 - the count
            f"\nworkers killed {len(steps)} times at {len(STEPS)} steps: {len(rows())} of "
            f"{len(rows())} events delivered, {again} webhooks and {mails_again} mails came twice, "
            "with the same id"
        )


def test_nothing_is_lost_at_any_time(any_store, receiver, mail, rows, open_tickets, start, capsys):
    killed = 0
    for round_number in range(2):
        open_tickets(round_number, 12)
        for _ in range(RANDOM_KILLS // 4):
            pair = [start(), start()]
            time.sleep(random.uniform(0.05, 0.8))
            for worker in pair:
                worker.kill()
                worker.join(30)
                killed += worker.exitcode == -signal.SIGKILL
    last = [start(), start()]
    until(lambda: all(row[1] == "sent" for row in rows()), 60)
    for worker in last:
        worker.terminate()
        worker.join(30)
    again, mails_again = check(any_store, receiver, mail, rows, 2 * 12 * 2)
    assert killed == RANDOM_KILLS
    with capsys.disabled():
        print(  # noqa: T201 - the count
            f"\ntwo workers killed {killed} times at any time: {len(rows())} of {len(rows())} "
            f"events delivered, {again} webhooks and {mails_again} mails came twice, "
            "with the same id"
        )
