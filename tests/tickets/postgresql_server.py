"""A PostgreSQL server of the tests' own, where its programs are installed."""

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
# PostgreSQL refuses to run as root.
USER = {"user": "postgres"} if os.geteuid() == 0 else {}


class Server:
    """A running server; `new` makes an empty database, `stop` and `start` are what they say."""

    def __init__(self, port: int, log: Path, control: Sequence[object], options: str) -> None:
        self.port, self.log = port, log
        self._control, self._options = control, options

    def start(self) -> None:
        """Start it where it was, and wait until it takes connections."""
        _run(*self._control, "-l", self.log, "-o", self._options, "start")

    def stop(self) -> None:
        """Stop it as a machine without power does."""
        _run(*self._control, "-m", "immediate", "stop")

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="amends", dbname=database, autocommit=True
        )

    def new(self) -> str:
        """The SQLAlchemy URL of a new database."""
        name = f"t{uuid.uuid4().hex}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://amends@127.0.0.1:{self.port}/{name}"


@contextmanager
def running_or_skipped() -> Iterator[Server]:
    """A server for a test; the test is skipped on a machine that has no PostgreSQL."""
    if not PROGRAMS:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running() as server:
        yield server


@contextmanager
def running() -> Iterator[Server]:
    """Start a server in a folder that its user may enter, and stop it."""
    programs = PROGRAMS[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="amends-postgresql-"))
    try:
        if USER:
            shutil.chown(folder, "postgres")
        data = folder / "data"
        _run(programs / "initdb", "-D", data, "-U", "amends", "-A", "trust", "--no-sync")
        port = _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
        log = folder / "log"
        server = Server(port, log, (programs / "pg_ctl", "-D", data, "-w"), options)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: object) -> None:
    subprocess.run(
        list(map(str, command)), check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=120, **USER
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
