"""Child processes that are stopped with all that they started."""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

GRACE_S = 8.0
KILL_S = 2.0
STEP_S = 0.05


class Child:
    """A program in a process group of its own, with its output in a log file.

    Args:
        name: How messages name it.
        command: The program and its arguments.
        log: Its output goes here; the log of the start before is kept as `<log>.1`.
        env: Its whole environment.
        cwd: Folder that it runs in.
    """

    def __init__(
        self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str], cwd: Path
    ) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._env = env
        self._cwd = cwd
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_name(f"{self.log.name}.1"))
        with self.log.open("wb") as output:
            # A session of its own: Ctrl-C in the terminal reaches us alone, and we stop the group.
            self._process = subprocess.Popen(  # noqa: S603 - our own command lines
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id, which is also that of its group."""
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; a negative number when a signal ended it."""
        return None if self._process is None else self._process.poll()

    def tail(self, lines: int = 15) -> str:
        """The last lines of its log."""
        with self.log.open(errors="replace") as log:
            return "".join(deque(log, maxlen=lines)).rstrip()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it and to all that it started."""
        if self._process is not None:
            _signal_group(self.pid, number)

    def is_gone(self) -> bool:
        """Whether it and all that it started have ended."""
        if self._process is None:
            return True
        self._process.poll()  # collects it, or its own dead entry would keep the group alive
        return not _signal_group(self.pid, None)


def stop_all(children: Iterable[Child], grace_s: float = GRACE_S) -> None:
    """Stop all of them and what they started: asked first, after `grace_s` seconds forced."""
    children = list(children)
    for number, seconds in ((signal.SIGTERM, grace_s), (signal.SIGKILL, KILL_S)):
        for child in children:
            child.send(number)
        if _all_gone(children, seconds):
            return


def _all_gone(children: Sequence[Child], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not all(child.is_gone() for child in children):
        if time.monotonic() > end:
            return False
        time.sleep(STEP_S)
    return True


def _signal_group(group: int, number: signal.Signals | None) -> bool:
    try:
        os.killpg(group, number or 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS: nothing but dead entries is left in the group
        return False
    return True
