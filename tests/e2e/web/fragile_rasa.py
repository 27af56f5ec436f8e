"""A second Rasa with the same model and tickets, behind which things really break."""

import json
import signal
import time
from pathlib import Path
from typing import Any, Self

from faults import WEBHOOK, Faults
from pages import Pages

from amends.serve.processes import Child
from amends.serve.readiness import rasa_problem
from amends.serve.surroundings import environment, rasa_command
from amends.settings import ROOT, Settings

START_S = 120


class Actions(Faults):
    """In front of the real action server; breaks, or answers what a test wants shoppers to read.

    Attributes:
        response: What the next actions that speak answer, or None: what the real ones do.
    """

    response: dict[str, Any] | None = None

    def healthy(self, request: Any, body: bytes) -> tuple[int, str, bytes]:
        if self.response is None or request.path != WEBHOOK:
            return super().healthy(request, body)
        silent = json.loads(body)["next_action"] == "action_assess_message"
        answer = {"events": [], "responses": [] if silent else [self.response]}
        return 200, "application/json", json.dumps(answer).encode()


class FragileRasa:
    """Runs as long as the block; with a page that has its widget.

    Attributes:
        actions: Between Rasa and the action server.
        pages: The page.
        state: Folder of its trackers.
    """

    def __init__(self, assistant: Any, folder: Path) -> None:
        self.state = folder
        (folder / "encoder").symlink_to(assistant.state / "encoder")
        self.actions = Actions(upstream=assistant.actions_url)
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.pages = Pages(0, self.url)
        settings = Settings(state_dir=assistant.state, rasa_port=port)
        own = {
            "AMENDS_ACTIONS_URL": self.actions.url,
            "AMENDS_STATE_DIR": str(folder),
            "AMENDS_ORIGINS": self.pages.origin,
        }
        model = assistant.state / "models" / "amends.tar.gz"
        files = ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
        command = rasa_command("run", "-m", str(model), *files, "-i", "127.0.0.1", "-p", str(port))
        self._child = Child(
            "a Rasa", command, folder / "rasa.log", {**environment(settings), **own}, ROOT
        )

    def __enter__(self) -> Self:
        self.pages.__enter__()
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.pages.__exit__()
        self.actions.close()

    def start(self) -> None:
        """Start it, also after `kill`, and wait until it answers."""
        self._child.start()
        end = time.monotonic() + START_S
        while rasa_problem(self.url) is not None:
            assert self._child.exit_code is None, self._child.tail(40)
            assert time.monotonic() < end, self._child.tail(40)
            time.sleep(0.3)

    def kill(self) -> None:
        """As `kill -9` and a machine without power do."""
        self._end(signal.SIGKILL, within_s=10)

    def stop(self, within_s: float) -> str:
        """Ask it to end; gives what it logged since it started."""
        self._end(signal.SIGTERM, within_s)
        return self._child.tail(1000)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it, such as SIGSTOP: a machine that hangs."""
        self._child.send(number)

    def _end(self, number: signal.Signals, within_s: float) -> None:
        self._child.send(number)
        end = time.monotonic() + within_s
        while not self._child.is_gone():
            assert time.monotonic() < end, f"{number.name}, and still there after {within_s:g} s"
            time.sleep(0.05)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
