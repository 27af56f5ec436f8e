"""What one browser hears over `GET /events`, from a server that runs."""

import socket
import threading
import time
from contextlib import contextmanager, suppress

import httpx
import pytest
import uvicorn
from sqlalchemy import text

from desk.live import events
from desk.live.subscription import MAX_WAITING
from desk.security.cookies import session_cookie
from tickets.case import Case
from tickets.database import open_engine
from tickets.triage import Decision, Triage

WAIT_S = 15.0


@contextmanager
def serving(app):
    """The app on a port of its own, with its watcher."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        config = uvicorn.Config(app, ws="none", log_level="warning", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()


class Listener:
    """A browser's EventSource: keeps the names of events as they come."""

    def __init__(self, address, cookie):
        self.names, self.ended = [], threading.Event()
        self._open = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(address, cookie), daemon=True)
        self._thread.start()
        assert self._open.wait(WAIT_S)

    def _run(self, address, cookie):
        with suppress(httpx.RemoteProtocolError):  # the server ended in the middle
            self._listen(address, cookie)
        self.ended.set()

    def _listen(self, address, cookie):
        with (
            httpx.Client(timeout=WAIT_S, trust_env=False, cookies=cookie) as client,
            client.stream("GET", f"{address}/events") as stream,
        ):
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert stream.headers["cache-control"] == "no-store"
            self._open.set()
            for line in stream.iter_lines():
                if line.startswith("event: "):
                    self.names.append(line.removeprefix("event: "))

    def wait(self, name):
        end = time.monotonic() + WAIT_S
        while name not in self.names:
            assert time.monotonic() < end, f"{name} did not come, but {self.names}"
            time.sleep(0.02)


def case(conversation, message="m1"):
    why = Triage(decision=Decision.ESCALATE, rule="person", detail="x")
    return Case(
        conversation_id=conversation, message_id=message, text="?", category="other", triage=why
    )


@pytest.fixture
def store(desk):
    return desk.app.state.desk.store


@pytest.fixture
def ada(desk):
    """Ada's session: its cookie."""
    (account,) = [one for one in desk.accounts.people.active() if one.login == "ada"]
    secret = desk.accounts.sessions.start(account.id, "test")
    return account, {session_cookie(desk.settings): secret}


@pytest.fixture
def often(monkeypatch):
    """Sessions are looked at all the time."""
    monkeypatch.setattr(events, "SESSION_CHECK_S", 0.1)


def test_a_change_names_the_queue_and_the_ticket_to_every_browser(desk, ada, store) -> None:
    with serving(desk.app) as address:
        both = [Listener(address, ada[1]), Listener(address, ada[1])]
        reference = store.escalate(case("web-1")).ticket.reference
        for listener in both:
            listener.wait("queue")
            listener.wait(f"ticket-{reference}")


def test_many_changes_are_told_together_and_none_is_lost(desk, ada, store) -> None:
    with serving(desk.app) as address:
        listener = Listener(address, ada[1])
        made = [store.escalate(case(f"web-{n}")).ticket.reference for n in range(30)]
        for reference in made:
            listener.wait(f"ticket-{reference}")
        assert listener.names.count("queue") < len(made)


@pytest.mark.usefixtures("often")
def test_the_stream_ends_with_the_session(desk, ada, store) -> None:
    with serving(desk.app) as address:
        listener, other = Listener(address, ada[1]), None
        again = desk.accounts.sessions.start(ada[0].id, "another browser")
        other = Listener(address, {session_cookie(desk.settings): again})
        (first,) = [s for s in desk.accounts.sessions.of(ada[0].id) if s.browser == "test"]
        desk.accounts.sessions.end(first.id)
        listener.wait("signed-out")
        assert listener.ended.wait(WAIT_S)
        assert not other.ended.is_set(), "the session of another browser goes on"


@pytest.mark.usefixtures("often")
def test_an_open_tab_does_not_keep_a_session_alive(desk, ada, clock) -> None:
    with serving(desk.app) as address:
        listener = Listener(address, ada[1])
        clock.advance(hours=13)
        listener.wait("signed-out")


def test_strangers_hear_nothing(desk) -> None:
    with serving(desk.app) as address:
        answer = httpx.get(
            f"{address}/events", headers={"accept": "text/event-stream"}, trust_env=False
        )
        assert answer.status_code == 401


def test_a_server_that_is_asked_to_end_does_so_with_tabs_open(desk, ada) -> None:
    with serving(desk.app) as address:
        listener = Listener(address, ada[1])
        began = time.monotonic()
    assert listener.ended.wait(WAIT_S)
    assert time.monotonic() - began < WAIT_S
    assert desk.app.state.desk.live._thread is None


def test_more_changes_than_a_slow_browser_may_have_waiting_reload(desk, ada, store) -> None:
    with serving(desk.app) as address:
        listener = Listener(address, ada[1])
        rows = [{"r": f"AM-{number:06}"} for number in range(MAX_WAITING + 1)]
        with open_engine(desk.settings.ticket_database_url).begin() as connection:
            connection.execute(text("INSERT INTO changes (reference) VALUES (:r)"), rows)
        listener.wait("reload")
        assert [name for name in listener.names if name.startswith("ticket-")] == []
