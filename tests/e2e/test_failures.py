"""What a person reads when a server hangs or dies."""

import signal
import time

import psutil
import pytest

pytestmark = pytest.mark.timeout(900)


def test_a_second_start_is_quick(own_assistant) -> None:
    """Everything is fresh, so only the servers have to start."""
    output = own_assistant.output.read_text()
    assert "Made " not in output
    seconds = [
        float(line.rsplit("(", 1)[1].split()[0]) for line in output.splitlines() if "(" in line
    ]
    assert max(seconds) < 40, output


def test_an_action_server_that_hangs_and_then_dies_is_never_silence(own_assistant) -> None:
    servers = own_assistant.servers()
    for one in own_assistant.action_servers():
        one.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    hung = own_assistant.command("say", "where is my parcel?")
    assert time.monotonic() - began < 15
    assert hung.returncode == 0, hung.stderr
    assert len(hung.stdout) > 10

    for one in own_assistant.action_servers():
        one.kill()
    assert own_assistant.process.wait(30) == 1
    told = own_assistant.output.read_text()
    assert "expected the action server to keep running, found that it ended" in told
    _gone, alive = psutil.wait_procs(servers, timeout=0)
    assert alive == [], "a server outlived the supervisor"

    dead = own_assistant.command("say", "hello")
    assert dead.returncode == 1
    assert dead.stdout == ""
    assert f"expected the assistant at {own_assistant.url}, found nothing there" in dead.stderr
    assert "`make run`" in dead.stderr
