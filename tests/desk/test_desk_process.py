"""The desk as a process of its own, as `amends run` starts it."""

import re
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest
from desk_browser import FIELD, PASSWORD

from amends.serve.readiness import BUSY, desk_problem
from amends.serve.surroundings import environment, local_desk_url
from amends.settings import ROOT, Settings
from desk.links import first_link
from tickets.store import migrate


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A desk that was started, over a database of its own."""

    def __init__(self, folder):
        self.settings = Settings(state_dir=folder, desk_port=free_port())
        self.url = local_desk_url(self.settings)
        self.log = folder / "desk.log"
        self.process = None

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "desk"],
                env=environment(self.settings), cwd=ROOT, stdout=log, stderr=log,
            )  # fmt: skip
        end = time.monotonic() + 60
        while desk_problem(self.url) == BUSY:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture
def running(tmp_path):
    started = Running(tmp_path)
    migrate(started.settings.ticket_database_url)
    started.start()
    yield started
    if started.process.poll() is None:
        started.stop(signal.SIGKILL)


def test_the_first_administrator_comes_in_by_the_link_and_stays_in_over_a_restart(running):
    assert desk_problem(running.url) is None
    link = first_link(running.settings)
    assert link.startswith(f"{running.url}/welcome/")
    with httpx.Client(base_url=running.url, trust_env=False) as client:
        token = FIELD.search(client.get(link).text)[1]
        fields = {"login": "ada", "name": "Ada", "password": PASSWORD, "csrf_token": token}
        answer = client.post(link, data=fields)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert client.get("/administration").status_code == 200
        running.stop()
        running.start()
        assert client.get("/administration").status_code == 200
    assert first_link(running.settings) is None
    written = running.log.read_text()
    assert link.rpartition("/")[2] not in written
    assert "GET /" not in written, "addresses hold what agents search for"


def test_it_stops_soon_although_a_page_listens(running):
    secret = _signed_in(running)
    with httpx.Client(base_url=running.url, cookies={"amends_desk": secret}) as client:  # noqa: SIM117
        with client.stream("GET", "/events", headers={"Accept": "text/event-stream"}) as stream:
            assert stream.status_code == 200
            started = time.monotonic()
            running.process.send_signal(signal.SIGTERM)
            running.process.wait(20)
            assert time.monotonic() - started < 6, "`amends run` kills it after 8"


def test_without_its_database_it_is_not_ready(running):
    (running.settings.state_dir / "tickets.db").write_bytes(b"no database" * 1000)
    for name in ("tickets.db-wal", "tickets.db-shm"):
        (running.settings.state_dir / name).unlink(missing_ok=True)
    assert desk_problem(running.url) == f"{running.url}/health answers HTTP 503"


def test_it_does_not_say_what_it_is(running):
    headers = httpx.get(f"{running.url}/sign-in", trust_env=False).headers
    assert "server" not in headers
    assert not re.search(r"uvicorn|starlette|python", str(headers), re.IGNORECASE)


def test_with_an_older_database_it_ends_and_says_what_to_do(tmp_path):
    settings = Settings(state_dir=tmp_path, desk_port=free_port())
    ended = subprocess.run(
        [sys.executable, "-m", "desk"],
        env=environment(settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "Run `amends tickets migrate`" in ended.stderr
    assert "Traceback" not in ended.stderr


def _signed_in(running):
    link = first_link(running.settings)
    with httpx.Client(base_url=running.url, trust_env=False) as client:
        token = FIELD.search(client.get(link).text)[1]
        fields = {"login": "ada", "name": "Ada", "password": PASSWORD, "csrf_token": token}
        client.post(link, data=fields)
        return client.cookies["amends_desk"]
