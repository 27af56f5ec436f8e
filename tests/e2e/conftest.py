"""The real thing: `amends run` with both servers, on free ports and in a folder of its own."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil
import pytest

from amends.serve.conversation import ask
from amends.settings import ROOT

AMENDS = Path(sys.executable).with_name("amends")
START_S = 500
BUILT = ("encoder", "models/amends.tar.gz", "widget/widget.js", "desk")
PRODUCTS = tuple(f"{name}{ending}" for name in BUILT for ending in ("", ".inputs"))


@dataclass
class Assistant:
    """A running Amends."""

    process: subprocess.Popen[str]
    env: dict[str, str]
    state: Path
    output: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.env['AMENDS_RASA_PORT']}"

    @property
    def actions_url(self) -> str:
        return f"http://127.0.0.1:{self.env['AMENDS_ACTIONS_PORT']}"

    @property
    def shop_url(self) -> str:
        return f"http://127.0.0.1:{self.env['AMENDS_SHOP_PORT']}"

    @property
    def pages_port(self) -> int:
        """Where a test may serve a page of its own that is allowed to have the chat."""
        return int(self.env["AMENDS_ORIGINS"].rsplit(":", 1)[1])

    def ask(self, conversation: str, text: str) -> str:
        return "\n".join(ask(self.url, conversation, text))

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `amends …` as a person would, with this assistant's settings."""
        return subprocess.run(
            [AMENDS, *arguments], env=self.env, cwd=ROOT, capture_output=True, text=True,
            check=False, timeout=60,
        )  # fmt: skip

    def rows(self, query: str, *values: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.state / "tickets.db")) as database:
            return database.execute(query, values).fetchall()

    def tickets(self, conversation: str) -> list[str]:
        rows = self.rows("SELECT reference FROM tickets WHERE conversation_id = ?", conversation)
        return [str(reference) for (reference,) in rows]

    def servers(self) -> list[psutil.Process]:
        """Every process that the supervisor started, and theirs."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def action_servers(self) -> list[psutil.Process]:
        """The action server and its workers."""
        mains = [one for one in self.servers() if "rasa_sdk" in one.cmdline()]
        workers = [worker for main in mains for worker in main.children(recursive=True)]
        return list(dict.fromkeys([*mains, *workers]))


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def environment(state: Path) -> dict[str, str]:
    shop, pages = free_port(), free_port()
    ours = {
        "AMENDS_STATE_DIR": str(state),
        "AMENDS_RASA_PORT": free_port(),
        "AMENDS_ACTIONS_PORT": free_port(),
        "AMENDS_SHOP_PORT": shop,
        "AMENDS_DESK_PORT": free_port(),
        "AMENDS_SHOP_KEY": secrets.token_hex(32),
        "AMENDS_ORIGINS": f"http://127.0.0.1:{shop},http://127.0.0.1:{pages}",
    }
    return {name: value for name, value in os.environ.items() if "AMENDS_" not in name} | ours


def reuse_products(source: Path, target: Path) -> None:
    """Take over what was built before; `amends run` itself finds out whether it is still fresh."""
    for name in PRODUCTS:
        found, wanted = source / name, target / name
        wanted.parent.mkdir(parents=True, exist_ok=True)
        if found.is_dir():
            shutil.copytree(found, wanted)
        elif found.exists():
            shutil.copy(found, wanted)


def wait_until_ready(process: subprocess.Popen[str], output: Path) -> None:
    end = time.monotonic() + START_S
    while "Amends is ready." not in output.read_text():
        assert process.poll() is None, f"`amends run` ended:\n{output.read_text()}"
        assert time.monotonic() < end, f"not ready in {START_S} s:\n{output.read_text()}"
        time.sleep(0.2)


def start(state: Path, output: Path, sink: IO[str]) -> Assistant:
    env = environment(state)
    process = subprocess.Popen(
        [AMENDS, "run"], env=env, cwd=ROOT, stdout=sink, stderr=subprocess.STDOUT, text=True
    )
    return Assistant(process, env, state, output)


def end(assistant: Assistant, servers: list[psutil.Process]) -> None:
    """Whatever a test did to it, leave nothing running."""
    if assistant.process.poll() is None:
        servers = [*servers, *assistant.servers()]
        assistant.process.kill()
        assistant.process.wait()
    for one in servers:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()


@contextmanager
def running(folder: Path, products: Path) -> Iterator[Assistant]:
    state = folder / "state"
    reuse_products(products, state)
    output = folder / "output.txt"
    with output.open("w") as sink:
        assistant = start(state, output, sink)
        servers: list[psutil.Process] = []
        try:
            wait_until_ready(assistant.process, output)
            servers = assistant.servers()
            yield assistant
        finally:
            end(assistant, servers)


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """One for all tests that leave it whole."""
    with running(tmp_path_factory.mktemp("amends"), ROOT / ".amends") as one:
        yield one
        servers = one.servers()
        one.process.send_signal(signal.SIGINT)
        assert one.process.wait(30) == 0, one.output.read_text()
        _gone, alive = psutil.wait_procs(servers, timeout=0)
        assert alive == [], "Ctrl-C left processes behind"


@pytest.fixture(scope="module")
def second_assistant(
    assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Assistant]:
    """One that uses again what the first one built; the last test of a module may break it."""
    with running(tmp_path_factory.mktemp("second"), assistant.state) as one:
        yield one
