"""The real action server, in a process and a state folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from amends.service_tokens import make_service_token
from amends.settings import ROOT
from tickets.store import TicketStore, migrate

KEY = "k" * 40
START_S = 90.0
CAP_BYTES = 1024 * 1024


@dataclass
class Server:
    """A running action server."""

    url: str
    port: int
    state: Path
    log: Path
    pid: int

    def warm_up(self) -> None:
        """Load what is loaded once, as `amends run` does, so that no test waits for it."""
        ready = httpx.get(f"{self.url}/ready", timeout=START_S)
        assert ready.status_code == 200, ready.text

    def post(self, path: str, **request: object) -> httpx.Response:
        """A request of the web channel; `authorization` is a good token unless it is given."""
        headers = {"Authorization": f"Bearer {make_service_token(KEY)}"}
        headers.update(request.pop("headers", {}))
        return httpx.post(f"{self.url}{path}", headers=headers, timeout=30, **request)

    def send_file(self, content: bytes, name: str = "photo.png", chat: str = "web-1"):
        headers = {"X-Conversation": chat, "X-Filename": name}
        return self.post("/attachments", content=content, headers=headers)

    def store(self) -> TicketStore:
        return TicketStore.open(f"sqlite:///{self.state / 'tickets.db'}")


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Server]:
    """Start it with a migrated ticket database, and stop it."""
    state, log, port = folder / "state", folder / "actions.log", _free_port()
    migrate(f"sqlite:///{state / 'tickets.db'}")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AMENDS_")}
    env = {
        **clean,
        "AMENDS_STATE_DIR": str(state),
        "AMENDS_SESSION_KEY": KEY,
        "AMENDS_MAX_ATTACHMENT_MB": str(CAP_BYTES // 1024**2),
        "SANIC_HOST": "127.0.0.1",
        **settings,
    }
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "-p", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=env, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait(process, port, log)
        yield Server(f"http://127.0.0.1:{port}", port, state, log, process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(f"http://127.0.0.1:{port}/health", timeout=2)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"no answer in {START_S} s:\n{log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
