"""The store when something breaks in the middle: all of an escalation is there, or nothing."""

import multiprocessing
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tickets.case import Outcome
from tickets.store import TicketStore, TicketStoreError

RACERS = 20

STOPS_BEFORE_COMMIT = """
    import sys, time
    from sqlalchemy import Engine, event
    from tickets.case import Case
    from tickets.store import TicketStore

    def stop(connection):
        tables = ("tickets", "ticket_messages", "outbox")
        print(*(connection.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar() for t in tables))
        sys.stdout.flush()
        time.sleep(120)

    case = Case.model_validate_json(sys.argv[2])
    store = TicketStore.open(sys.argv[1])
    event.listen(Engine, "commit", stop)
    store.escalate(case)
"""


def test_process_killed_before_the_commit_leaves_nothing(store, case, counts, database):
    url, program = f"sqlite:///{database}", textwrap.dedent(STOPS_BEFORE_COMMIT)
    command = [sys.executable, "-c", program, url, case().model_dump_json()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout.readline() == "1 1 1\n", "every row was written, none committed"
        finally:
            child.kill()
    assert child.returncode == -9
    assert counts() == (0, 0, 0)
    assert store.list() == ()
    assert store.escalate(case()).outcome is Outcome.OPENED
    assert counts() == (1, 1, 1)


@pytest.mark.parametrize(
    "sabotage",
    [
        "DROP TABLE outbox",
        "CREATE TRIGGER no BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'disk on fire'); END",
    ],
)
def test_failing_outbox_takes_the_ticket_back(store, case, sql, sabotage):
    sql(sabotage)
    with pytest.raises(TicketStoreError, match=r"no such table: outbox|disk on fire"):
        store.escalate(case())
    assert sql("SELECT count(*) FROM tickets") == [(0,)]
    assert sql("SELECT count(*) FROM ticket_messages") == [(0,)]


def test_failing_outbox_takes_an_appended_message_back(store, case, sql, counts):
    before = store.escalate(case("m1")).ticket
    sql("CREATE TRIGGER no BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(TicketStoreError):
        store.escalate(case("m2"))
    assert store.get(before.reference) == before
    sql("DROP TRIGGER no")
    assert store.escalate(case("m2")).outcome is Outcome.APPENDED
    assert counts() == (1, 2, 2)


def test_error_repeats_nothing_of_what_the_shopper_wrote(store, case, sql):
    sql("DROP TABLE outbox")
    with pytest.raises(TicketStoreError) as raised:
        store.escalate(case(text="my secret words", conversation="anna@example.com"))
    said = f"{raised.value} {raised.value.__cause__}"
    assert "no such table" in said
    assert "secret" not in said
    assert "anna" not in said


def test_threads_racing_on_one_complaint_share_one_ticket(store, case, counts):
    cases = [case(f"m{number}") for number in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        done = list(pool.map(store.escalate, cases))
    outcomes = [escalation.outcome for escalation in done]
    assert outcomes.count(Outcome.OPENED) == 1
    assert outcomes.count(Outcome.APPENDED) == RACERS - 1
    assert len({escalation.ticket.reference for escalation in done}) == 1
    assert counts() == (1, RACERS, RACERS)


def test_threads_racing_on_one_message_write_it_once(store, case, counts):
    with ThreadPoolExecutor(RACERS) as pool:
        done = list(pool.map(store.escalate, [case("m1")] * RACERS))
    outcomes = [escalation.outcome for escalation in done]
    assert outcomes.count(Outcome.REPEATED) == RACERS - 1
    assert counts() == (1, 1, 1)


def _escalate_each(url, cases, ready):
    with closing(TicketStore.open(url)) as store:
        ready.wait(60)
        for case in cases:
            store.escalate(case)


def test_processes_racing_on_one_complaint_share_one_ticket(case, counts, database):
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(2)
    halves = ([case(f"{half}{n}") for n in range(RACERS // 2)] for half in "ab")
    racers = [
        spawn.Process(target=_escalate_each, args=(f"sqlite:///{database}", half, ready))
        for half in halves
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(120)
    assert [racer.exitcode for racer in racers] == [0, 0]
    assert counts() == (1, RACERS, RACERS)
