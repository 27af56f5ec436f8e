"""A PostgreSQL of one's own, from Debian's package: to be stopped, frozen and started again."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest


def binaries():
    """Folder of `postgres`; skips the test where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    return found[-1].parent


class Postgres:
    """One server with the database `postgres`, and no password, on the loopback address."""

    def __init__(self, folder):
        self._bin = binaries()
        self._data = folder / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        if os.geteuid() == 0:  # It refuses to run as root.
            shutil.chown(folder, "postgres")
        self._run("initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "--no-sync")
        self.start()

    def start(self):
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k '' -c fsync=off"
        log = self._data / "log"
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", log, "-o", options)

    def stop(self):
        self._run("pg_ctl", "stop", "-D", self._data, "-m", "immediate")

    @contextmanager
    def frozen(self):
        """Every process of it stopped where it is: connections stay open, nothing answers."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)
            time.sleep(0.1)

    def _signal(self, number):
        head = int((self._data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{head}/task/{head}/children").read_text().split()
        for pid in [head, *map(int, children)]:
            os.kill(pid, number)

    def _run(self, name, *arguments):
        user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        command = [str(part) for part in (self._bin / name, *arguments)]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=60, **who
        )  # fmt: skip


@contextmanager
def postgres(folder):
    """Started, and stopped at the end."""
    server = Postgres(folder)
    try:
        yield server
    finally:
        server.stop()
