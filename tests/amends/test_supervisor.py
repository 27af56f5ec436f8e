"""The supervisor in a process of its own, with tiny servers in place of Rasa and the actions."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from amends.serve import supervisor
from amends.serve.supervisor import addresses, servers
from amends.settings import Settings
from desk.accounts import Accounts
from desk.accounts.invitations import BadInvitationError
from tickets.database import TicketStoreError, open_engine

STATION = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    from functools import partial
    import typer
    from amends.serve.errors import ServeError, StopRequestedError
    from amends.serve.processes import Child
    from amends.serve.readiness import Server
    from amends.serve.stopping import Stopper
    from amends.serve.supervisor import supervise

    folder = Path(sys.argv[1])

    def server(name):
        command = [sys.executable, str(folder / (name + ".py"))]
        child = Child(name, command, folder / "logs" / (name + ".log"), os.environ, folder)
        up = folder / (name + ".up")
        return Server(child, lambda: None if up.exists() else "")

    with Stopper() as stopper:
        try:
            supervise([server("one"), server("two")], stopper, "ALL READY", 2)
        except StopRequestedError:
            typer.echo("STOPPED")
        except ServeError as error:
            typer.echo(str(error))
            sys.exit(1)
    """
)
# Writes its own and its child's process id, then says that it is up.
GOOD = """
import subprocess, sys, time
from pathlib import Path
me = Path(__file__)
child = subprocess.Popen([sys.executable, "-c", {grandchild!r}])
time.sleep(0.3)
me.with_suffix(".pid").write_text(f"{{__import__('os').getpid()}} {{child.pid}}")
me.with_suffix(".up").write_text("")
time.sleep(60)
"""
SLEEPER = "import time; time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
NEVER_UP = GOOD.replace('me.with_suffix(".up")', 'me.with_suffix(".no")')
DIES = "print('cannot open the model'); raise SystemExit(7)"
DIES_LATER = GOOD.replace("time.sleep(60)", "time.sleep(1); raise SystemExit(3)")


class Station:
    """A running supervisor over two servers."""

    def __init__(self, folder: Path, one: str, two: str) -> None:
        self.folder = folder
        (folder / "one.py").write_text(one)
        (folder / "two.py").write_text(two)
        self.process = subprocess.Popen(
            [sys.executable, "-c", STATION, str(folder)], stdout=subprocess.PIPE, text=True
        )

    def read_until(self, word: str) -> list[str]:
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line.rstrip())
            if word in line:
                return lines
        raise AssertionError(f"{word!r} never came: {lines}")

    def wait_for(self, name: str) -> None:
        end = time.monotonic() + 20
        while not (self.folder / name).exists():
            assert time.monotonic() < end, f"{name} never came"
            time.sleep(0.02)

    def end(self) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=30)
        return self.process.returncode, output

    def pids(self) -> list[int]:
        return [int(pid) for file in self.folder.glob("*.pid") for pid in file.read_text().split()]


@pytest.fixture
def station(tmp_path: Path, is_running) -> Iterator[Callable[..., Station]]:
    running: list[Station] = []

    def start(one: str, two: str) -> Station:
        running.append(Station(tmp_path, one, two))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.process.terminate()
            one.process.wait(20)
        for pid in one.pids():
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)


def good(grandchild: str = SLEEPER) -> str:
    return GOOD.format(grandchild=grandchild)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_children_and_grandchildren(
    station, number: signal.Signals, is_running
) -> None:
    running = station(good(), good())
    lines = running.read_until("ALL READY")
    assert [line.split(" (")[0] for line in lines[:3]] == [
        "Starting one and two …",
        "Ready: one",
        "Ready: two",
    ]
    pids = running.pids()
    assert len(pids) == 4
    assert all(map(is_running, pids))
    running.process.send_signal(number)
    assert running.end() == (0, "STOPPED\n")
    assert not any(map(is_running, pids))


def test_a_second_ctrl_c_while_stopping_leaves_nothing_behind(station, is_running) -> None:
    running = station(good(DEAF), good(DEAF))
    running.read_until("ALL READY")
    pids = running.pids()
    for _ in range(4):
        running.process.send_signal(signal.SIGINT)
        time.sleep(0.2)
    code, output = running.end()
    assert (code, output) == (0, "STOPPED\n")
    assert not any(map(is_running, pids))


def test_ctrl_c_before_ready_stops_what_was_started(station, is_running) -> None:
    running = station(good(), NEVER_UP.format(grandchild=SLEEPER))
    running.wait_for("one.up")
    running.wait_for("two.no")
    running.process.send_signal(signal.SIGINT)
    code, output = running.end()
    assert code == 0
    assert "ALL READY" not in output
    assert len(running.pids()) == 4
    assert not any(map(is_running, running.pids()))


@pytest.mark.parametrize("dead", ["one", "two"])
def test_a_server_that_dies_at_the_start_is_named_with_its_log(
    station, dead: str, is_running
) -> None:
    other = NEVER_UP.format(grandchild=SLEEPER)
    running = station(*((DIES, other) if dead == "one" else (other, DIES)))
    code, output = running.end()
    assert code == 1
    assert f"expected {dead} to keep running, found that it ended with code 7" in output
    assert output.rstrip().endswith("cannot open the model")
    assert not any(map(is_running, running.pids()))


def test_a_server_that_dies_later_takes_the_other_with_it(station, is_running) -> None:
    running = station(good(), DIES_LATER.format(grandchild=SLEEPER))
    running.read_until("ALL READY")
    code, output = running.end()
    assert code == 1
    assert "expected two to keep running, found that it ended with code 3" in output
    assert len(running.pids()) == 4
    assert not any(map(is_running, running.pids())), "the dead server's own child must go too"


def test_the_real_servers_are_told_every_setting_and_bind_where_they_should(tmp_path: Path) -> None:
    ports = {"rasa_port": 6001, "actions_port": 6002, "shop_port": 6003, "desk_port": 6004}
    settings = Settings(state_dir=tmp_path, language="de", **ports)
    children = [server.child for server in servers(settings, tmp_path / "amends.tar.gz")]
    names = ["the action server", "Rasa", "the demo shop", "the desk", "the deliveries"]
    assert [child.name for child in children] == names
    for child in children:
        assert child._env["AMENDS_STATE_DIR"] == str(tmp_path)
        assert child._env["AMENDS_LANGUAGE"] == "de"
        assert child._env["AMENDS_ACTIONS_URL"] == "http://127.0.0.1:6002"
        assert child._env["SANIC_HOST"] == "127.0.0.1"
    lines = addresses(settings).splitlines()
    assert lines[1].split() == ["demo", "shop", "http://127.0.0.1:6003"], "the first address"
    assert lines[2].split() == ["desk", "http://127.0.0.1:6004"]
    assert "http://127.0.0.1:6001" in addresses(settings)
    assert str(tmp_path / "logs") in addresses(settings)


def test_a_helpdesk_that_is_set_in_part_is_told_before_anything_starts(
    tmp_path: Path, free_port, capsys
) -> None:
    ports = {f"{name}_port": free_port() for name in ("rasa", "actions", "shop", "desk")}
    settings = Settings(state_dir=tmp_path / "state", webhook_url="https://hook.example", **ports)
    assert supervisor.serve(settings) == 1
    assert "AMENDS_WEBHOOK_SECRET: expected a secret that signs" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_a_relative_state_folder_is_made_absolute(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(state_dir=Path("state"))
    child = servers(settings, tmp_path / "model")[0].child
    assert child._env["AMENDS_STATE_DIR"] == str(tmp_path / "state")
    assert child.log == tmp_path / "state" / "logs" / "actions.log"


def test_servers_score_on_one_thread_unless_told_otherwise(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    settings = Settings(state_dir=tmp_path)
    assert supervisor.environment(settings)["OMP_NUM_THREADS"] == "1"
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    assert supervisor.environment(settings)["OMP_NUM_THREADS"] == "8"


def test_a_link_for_the_first_administrator_is_new_each_start_until_one_is_used(
    tmp_path: Path,
) -> None:
    settings = Settings(state_dir=tmp_path, desk_port=6004)
    supervisor._migrate(settings)
    links = [supervisor._first_link(settings).splitlines()[-1].strip() for _ in range(2)]
    assert links[0] != links[1]
    assert all(link.startswith("http://127.0.0.1:6004/welcome/") for link in links)
    engine = open_engine(settings.ticket_database_url)
    accounts = Accounts(engine)
    first, second = (link.rpartition("/")[2] for link in links)
    with pytest.raises(BadInvitationError):
        accounts.welcome(first, "ada", "Ada", "four words nobody pairs")
    agent = accounts.welcome(second, "ada", "Ada", "four words nobody pairs")
    assert agent.is_administrator
    assert supervisor._first_link(settings) == ""
    engine.dispose()


def test_a_database_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    (tmp_path / "tickets.db").mkdir()
    settings = Settings(state_dir=tmp_path)
    with pytest.raises(TicketStoreError, match="database"):
        supervisor._migrate(settings)
