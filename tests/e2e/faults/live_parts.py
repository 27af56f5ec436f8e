"""The parts of a running Amends, each started by itself, so that it can be killed and come back."""

import shutil
import signal
import socket
import time
from pathlib import Path
from typing import Any, Self

from amends.serve.processes import stop_all
from amends.serve.products import desk_scripts, encoder, make_if_stale, rasa_model, widget
from amends.serve.readiness import Server
from amends.serve.stopping import Stopper
from amends.serve.supervisor import servers
from amends.serve.surroundings import environment
from amends.settings import Settings
from tickets.store import migrate

DATABASE = "database server"
ACTIONS, RASA, DESK, DELIVERIES = "action server", "Rasa", "desk", "deliveries"
PARTS = (ACTIONS, RASA, DESK, DELIVERIES)
BUILT = ("encoder", "encoder.inputs", "models", "widget", "desk", "desk.inputs")
READY_S = 400.0
GONE_S = 10.0


class LiveParts:
    """All that `amends run` starts but the demo shop, as children of the test.

    `amends run` stops everything when a child ends, and whoever keeps it running starts it anew;
    here only the child that was killed comes back, so that the others meet it half-way.
    """

    def __init__(self, settings: Settings, database: Any = None) -> None:
        self.settings = settings
        self.started_in_s = 0.0
        self._database = database
        self._servers: dict[str, Server] = {}

    def __enter__(self) -> Self:
        self._prepare()
        try:
            for server in self._servers.values():
                server.child.start()
            for name in self._servers:
                self.wait(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop all that runs."""
        stop_all([server.child for server in self._servers.values()], grace_s=4)

    def kill(self, name: str) -> None:
        """As `kill -9` does, and the kernel when memory ends."""
        if name == DATABASE:
            self._database.stop()
            return
        child = self._servers[name].child
        assert child.exit_code is None, f"{name} ended by itself:\n{child.tail(40)}"
        child.send(signal.SIGKILL)
        end = time.monotonic() + GONE_S
        while not child.is_gone():
            assert time.monotonic() < end, f"{name}: killed, and still there"
            time.sleep(0.01)

    def start(self, name: str) -> None:
        """Start what was killed, and wait until it does its work."""
        if name == DATABASE:
            self._database.start()
            return
        began = time.monotonic()
        self._servers[name].child.start()
        self.wait(name)
        self.started_in_s = time.monotonic() - began

    def wait(self, name: str) -> None:
        """Until this part does its work."""
        server, end = self._servers[name], time.monotonic() + READY_S
        while server.problem() is not None:
            assert server.child.exit_code is None, f"{name} ended:\n{server.child.tail(40)}"
            assert time.monotonic() < end, f"{name} is not ready:\n{server.child.tail(40)}"
            time.sleep(0.1)

    def check_alive(self) -> None:
        """See that none ended but those that were killed."""
        for name, server in self._servers.items():
            code = server.child.exit_code
            assert code is None, f"{name} ended with {code}:\n{server.child.tail(40)}"

    def _prepare(self) -> None:
        logs, env = self.settings.state_dir / "logs", environment(self.settings)
        model = rasa_model(self.settings)
        with Stopper() as stopper:
            products = (encoder(self.settings), model, widget(self.settings))
            for product in (*products, desk_scripts(self.settings)):
                make_if_stale(product, logs, env, stopper)
        migrate(self.settings.ticket_database_url)
        for server in servers(self.settings, model.path):
            name = next((one for one in PARTS if one in server.child.name), None)
            if name is not None:
                self._servers[name] = server
        assert set(self._servers) == set(PARTS), "what `amends run` starts has other names now"


def settings_in(folder: Path, built: Path, **values: Any) -> Settings:
    """Settings of an Amends of its own, on free ports, with what another one has built."""
    state = folder / "state"
    state.mkdir()
    for found in (built / name for name in BUILT):
        if found.exists():
            (shutil.copytree if found.is_dir() else shutil.copy)(found, state / found.name)
    ports = {f"{name}_port": _free_port() for name in ("rasa", "actions", "shop", "desk")}
    return Settings.model_validate({"state_dir": state, **ports, **values})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
