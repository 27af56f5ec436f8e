"""What goes wrong under a chat that a person has taken over."""

import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil

from amends.settings import ROOT

READY = "Amends is ready."
START_S = 300
GONE_S = 40


def age(state: Path, conversation: str, days: int) -> None:
    """Make Rasa's record of a conversation old, so that its session has long expired."""
    query = """
        UPDATE events SET timestamp = timestamp - :s,
            data = json_set(data, '$.timestamp', json_extract(data, '$.timestamp') - :s)
        WHERE sender_id = :sender"""
    values = {"s": days * 24 * 3600.0, "sender": conversation}
    with closing(sqlite3.connect(state / "conversations.db", timeout=10)) as database, database:
        changed = database.execute(query, values).rowcount
    assert changed > 0, "Rasa has no record of the conversation"


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Nobody can read or write the database meanwhile, nor open it anew."""
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        assert _is_locked(database)
        yield
        holder.execute("ROLLBACK")


def kill_rasa(assistant: Any) -> None:
    """As `kill -9` does; `amends run` stops everything else then."""
    (rasa,) = [one for one in psutil.Process(assistant.process.pid).children() if _is_rasa(one)]
    rasa.send_signal(signal.SIGKILL)
    assert assistant.process.wait(GONE_S) == 1
    assert "Rasa" in assistant.output.read_text().rpartition("\n\n")[2]


def start_again(assistant: Any) -> None:
    """The same command with the same settings, as a machine that comes back does."""
    before = assistant.output.read_text()
    with assistant.output.open("a") as sink:
        assistant.process = subprocess.Popen(
            assistant.process.args, env=assistant.env, cwd=ROOT,
            stdout=sink, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    end = time.monotonic() + START_S
    while READY not in assistant.output.read_text().removeprefix(before):
        assert assistant.process.poll() is None, assistant.output.read_text()
        assert time.monotonic() < end, f"not ready within {START_S} s"
        time.sleep(0.2)


def _is_locked(database: Path) -> bool:
    with closing(sqlite3.connect(database, timeout=0)) as other:
        try:
            other.execute("SELECT count(*) FROM events")
        except sqlite3.OperationalError as error:
            return "locked" in str(error)
    return False


def _is_rasa(process: psutil.Process) -> bool:
    command = process.cmdline()
    return "rasa" in command and "run" in command
