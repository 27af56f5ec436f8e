"""`amends run` on free ports and in a folder of its own, for a benchmark."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from amends.errors import AmendsError
from amends.settings import PREFIX, ROOT, Settings

AMENDS = Path(sys.executable).with_name("amends")
READY = "Amends is ready."
START_S = 600.0
STOP_S = 30.0
STEP_S = 0.2
# Built once by `make run`; `amends run` itself finds out whether each is still fresh.
PRODUCTS = ("encoder", "encoder.inputs", "models", "widget")
PORTS = ("rasa_port", "actions_port", "shop_port", "desk_port")


class BenchError(AmendsError):
    """The benchmark cannot be run; says expected, found and what to do."""


@dataclass(frozen=True)
class Servers:
    """A running Amends.

    Attributes:
        settings: What it runs with.
        origin: The demo shop's, whose pages may use the chat.
    """

    settings: Settings
    origin: str


@contextmanager
def running() -> Iterator[Servers]:
    """Start Amends, wait until it is ready, and stop it at the end.

    Raises:
        BenchError: it ended, or is not ready in ten minutes.
    """
    with TemporaryDirectory(prefix="amends-bench-") as folder:
        state = Path(folder)
        _reuse_products(ROOT / ".amends", state)
        ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
        settings = Settings.model_validate({"state_dir": state, **ports})
        with (state / "output.txt").open("w") as sink:
            process = _start(settings, sink)
            try:
                _wait_until_ready(process, state / "output.txt")
                yield Servers(settings, settings.allowed_origins[0])
            finally:
                _stop(process)


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _reuse_products(source: Path, target: Path) -> None:
    for found in (source / name for name in PRODUCTS):
        if found.is_dir():
            shutil.copytree(found, target / found.name)
        elif found.exists():
            shutil.copy(found, target / found.name)


def _start(settings: Settings, sink: IO[str]) -> "subprocess.Popen[str]":
    names = ("state_dir", *PORTS)
    ours = {f"{PREFIX}{name.upper()}": str(getattr(settings, name)) for name in names}
    given = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return subprocess.Popen(  # noqa: S603 - our own program
        [AMENDS, "run"],
        env=given | ours,
        cwd=ROOT,
        stdout=sink,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _wait_until_ready(process: "subprocess.Popen[str]", output: Path) -> None:
    end = time.monotonic() + START_S
    while READY not in (said := output.read_text()):
        if process.poll() is not None:
            raise BenchError(f"expected `amends run` to keep running, found that it ended:\n{said}")
        if time.monotonic() > end:
            raise BenchError(
                f"expected `amends run` to be ready in {START_S:g} seconds, found:\n{said}"
            )
        time.sleep(STEP_S)


def _stop(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
