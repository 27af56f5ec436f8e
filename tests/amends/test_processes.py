"""Real child processes: tiny Python programs that behave well or badly."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from amends.serve.processes import Child, stop_all

SLEEP = "import time; time.sleep(60)"
IGNORE = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {program!r}])
print(child.pid, flush=True)
time.sleep(60)
"""
ORPHANING = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
"""


def start(tmp_path: Path, program: str, name: str = "child") -> Child:
    command = [sys.executable, "-c", program]
    child = Child(name, command, tmp_path / "logs" / f"{name}.log", os.environ, tmp_path)
    child.start()
    return child


def wait_for_log(child: Child) -> str:
    end = time.monotonic() + 20
    while not (text := child.tail()):
        assert time.monotonic() < end, "the child never wrote a line"
        time.sleep(0.02)
    return text


def test_a_polite_child_is_asked_and_gone(tmp_path: Path, is_running) -> None:
    child = start(tmp_path, SLEEP)
    assert child.exit_code is None
    stop_all([child], grace_s=20)
    assert child.exit_code == -signal.SIGTERM
    assert not is_running(child.pid)


def test_a_child_that_ignores_the_request_is_forced_after_the_grace(tmp_path: Path) -> None:
    child = start(tmp_path, IGNORE)
    wait_for_log(child)
    began = time.monotonic()
    stop_all([child], grace_s=0.5)
    assert time.monotonic() - began >= 0.5
    assert child.exit_code == -signal.SIGKILL


@pytest.mark.parametrize("grandchild", [SLEEP, IGNORE], ids=["polite", "deaf"])
def test_grandchildren_go_too(tmp_path: Path, grandchild: str, is_running) -> None:
    child = start(tmp_path, PARENT.format(program=grandchild))
    pid = int(wait_for_log(child).split()[0])
    assert is_running(pid)
    stop_all([child], grace_s=1)
    assert not is_running(child.pid)
    assert not is_running(pid)


def test_what_a_dead_child_left_behind_is_stopped(tmp_path: Path, is_running) -> None:
    child = start(tmp_path, ORPHANING)
    pid = int(wait_for_log(child))
    while child.exit_code is None:
        time.sleep(0.02)
    assert is_running(pid)
    stop_all([child], grace_s=1)
    assert not is_running(pid)


def test_one_stubborn_child_does_not_add_up_the_grace_of_others(tmp_path: Path, is_running) -> None:
    children = [start(tmp_path, IGNORE, name) for name in ("one", "two", "three")]
    for child in children:
        wait_for_log(child)
    began = time.monotonic()
    stop_all(children, grace_s=1)
    assert time.monotonic() - began < 2.5
    assert not any(is_running(child.pid) for child in children)


def test_stopping_twice_or_before_the_start_harms_nobody(tmp_path: Path, is_running) -> None:
    never = Child("never", ["true"], tmp_path / "never.log", os.environ, tmp_path)
    child = start(tmp_path, SLEEP)
    stop_all([never, child])
    stop_all([never, child])
    assert never.exit_code is None
    assert not is_running(child.pid)


def test_the_log_holds_both_streams_and_the_one_before_is_kept(tmp_path: Path) -> None:
    for word in ("first", "second"):
        program = f"import sys; print('{word} out'); print('{word} err', file=sys.stderr)"
        child = start(tmp_path, program)
        while child.exit_code is None:
            time.sleep(0.02)
    assert {"second out", "second err"} == set(child.tail().splitlines())
    before = (tmp_path / "logs" / "child.log.1").read_text()
    assert {"first out", "first err"} == set(before.splitlines())


def test_tail_is_the_end_of_a_long_log_even_when_it_is_no_text(tmp_path: Path) -> None:
    child = start(
        tmp_path,
        "import sys\nfor i in range(200): print(i)\n"
        "sys.stdout.flush(); sys.stdout.buffer.write(b'\\xff\\n')",
    )
    while child.exit_code is None:
        time.sleep(0.02)
    assert child.tail(3).splitlines() == ["198", "199", "�"]
