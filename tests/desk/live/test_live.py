"""Every browser hears of every change, whichever process made it."""

import asyncio
import subprocess
import sys
import threading
import time
from contextlib import asynccontextmanager, closing

import pytest
from sqlalchemy import make_url, text

from desk.live import Changes, Live, Subscription
from desk.live.subscription import MAX_WAITING
from desk.live.watchers import PollingWatcher
from tickets.case import Case
from tickets.database import open_engine
from tickets.record import KEPT_CHANGES
from tickets.store import TicketStore, migrate
from tickets.triage import Decision, Triage

WAIT_S = 15.0
OTHER_PROCESS = """
import sys
from tickets.store import TicketStore
from tickets.case import Case
from tickets.triage import Decision, Triage
why = Triage(decision=Decision.ESCALATE, rule="person", detail="x")
store = TicketStore.open(sys.argv[1])
for number in range(int(sys.argv[2])):
    case = Case(conversation_id=f"web-{number}", message_id="m1", text="Hello?",
                category="delivery", triage=why)
    print(store.escalate(case).ticket.reference)
"""


def case(message: str) -> Case:
    why = Triage(decision=Decision.ESCALATE, rule="person", detail="x")
    return Case(
        conversation_id="web-1", message_id=message, text="?", category="delivery", triage=why
    )


@asynccontextmanager
async def running(url: str):
    live = Live(open_engine(url))
    async with live.subscribe() as first:
        await live.start()
        try:
            # From here on everything is heard.
            assert await first.changes(WAIT_S) == Changes(reload=True)
            yield live, first
        finally:
            await live.stop()


async def heard(subscription: Subscription, expected: int) -> set[str]:
    found: set[str] = set()
    end = time.monotonic() + WAIT_S
    while len(found) < expected and time.monotonic() < end:
        changes = await subscription.changes(1.0)
        found |= set(changes.references if changes else ())
    return found


def test_changes_of_another_process_reach_every_browser(any_url: str) -> None:
    async def both() -> None:
        async with running(any_url) as (live, first), live.subscribe() as second:
            command = [sys.executable, "-c", OTHER_PROCESS, any_url, "5"]
            done = await asyncio.to_thread(
                subprocess.run, command, capture_output=True, text=True, check=True
            )
            made = set(done.stdout.split())
            assert len(made) == 5
            assert await heard(first, 5) == made
            assert await heard(second, 5) == made

    asyncio.run(both())


def test_a_change_of_the_same_process_is_heard_too_and_once(any_url: str, store) -> None:
    async def one() -> None:
        async with running(any_url) as (_, subscription):
            ticket = await asyncio.to_thread(store.escalate, case("m1"))
            assert await heard(subscription, 1) == {ticket.ticket.reference}
            assert await subscription.changes(1.0) is None

    asyncio.run(one())


def test_what_is_not_committed_is_not_told(any_url: str, store) -> None:
    async def repeated() -> None:
        async with running(any_url) as (_, subscription):
            await asyncio.to_thread(store.escalate, case("m1"))
            await heard(subscription, 1)
            # The same message again writes nothing.
            await asyncio.to_thread(store.escalate, case("m1"))
            assert await subscription.changes(1.0) is None

    asyncio.run(repeated())


def test_who_has_left_hears_nothing_and_stopping_ends_the_thread(any_url: str, store) -> None:
    async def leave() -> None:
        async with running(any_url) as (live, staying):
            async with live.subscribe() as leaving:
                pass
            await asyncio.to_thread(store.escalate, case("m1"))
            await heard(staying, 1)
            assert await leaving.changes(0.1) is None
            thread = live._thread
        assert thread is not None
        assert not thread.is_alive()

    asyncio.run(leave())


def test_after_postgresql_cut_the_line_everything_is_fetched_again(
    postgresql, store, any_url
) -> None:
    if make_url(any_url).get_backend_name() != "postgresql":
        pytest.skip("SQLite has no line to cut")

    async def cut() -> None:
        async with running(any_url) as (_, subscription):
            with postgresql.connect() as other:
                name = make_url(any_url).database
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = %s AND query LIKE 'LISTEN%%'",
                    [name],
                )
            assert await subscription.changes(WAIT_S) == Changes(reload=True)
            ticket = await asyncio.to_thread(store.escalate, case("m1"))
            assert await heard(subscription, 1) == {ticket.ticket.reference}

    asyncio.run(cut())


def test_a_slow_browser_has_one_reload_waiting_and_not_a_growing_queue() -> None:
    async def slow() -> None:
        subscription = Subscription()
        for number in range(MAX_WAITING + 50):
            subscription.add(f"AM-{number:06}")
        assert await subscription.changes(1.0) == Changes(reload=True)
        assert await subscription.changes(0.05) is None

    asyncio.run(slow())


def test_many_changes_of_one_ticket_wait_as_one() -> None:
    async def often() -> None:
        subscription = Subscription()
        for reference in ["AM-000001", "AM-000002"] * 500:
            subscription.add(reference)
        assert await subscription.changes(1.0) == Changes(("AM-000001", "AM-000002"))

    asyncio.run(often())


def test_a_long_absence_of_the_watcher_reloads(tmp_path) -> None:
    """More changes than the table keeps were made between two looks."""
    url = f"sqlite:///{tmp_path / 'many.db'}"
    migrate(url)
    engine, stop, lost = open_engine(url), threading.Event(), []
    watching = PollingWatcher(engine)
    stop.set()  # one look
    watching.watch(stop, lambda _: None, lambda: lost.append("at the start"))
    with engine.begin() as connection:
        rows = [{"r": "AM-000001"}] * (KEPT_CHANGES + 1)
        connection.execute(text("INSERT INTO changes (reference) VALUES (:r)"), rows)
    watching.watch(stop, lambda _: None, lambda: lost.append("after the gap"))
    assert lost == ["at the start", "after the gap"]


def test_a_database_that_is_away_for_a_while_costs_no_change(tmp_path) -> None:
    """The look that fails is made up for by the next one."""
    url = f"sqlite:///{tmp_path / 'away.db'}"
    migrate(url)
    engine, stop, found = open_engine(url), threading.Event(), []
    watching = PollingWatcher(engine)
    stop.set()
    watching.watch(stop, found.append, lambda: None)
    with closing(TicketStore.open(url)) as store:
        reference = store.escalate(case("m1")).ticket.reference
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE changes RENAME TO away"))
    watching.watch(stop, found.append, lambda: None)
    assert found == []
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO changes"))
    watching.watch(stop, found.append, lambda: None)
    assert found == [reference]
