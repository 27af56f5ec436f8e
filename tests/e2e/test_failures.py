"""What a person reads when a server hangs or dies."""

import signal

import psutil
import pytest

pytestmark = pytest.mark.timeout(900)


def test_a_second_start_is_quick(second_assistant) -> None:
    """Everything is fresh, so only the servers have to start."""
    output = second_assistant.output.read_text()
    assert "Made " not in output
    seconds = [
        float(line.rsplit("(", 1)[1].split()[0]) for line in output.splitlines() if "(" in line
    ]
    # 20 s on a quiet machine with two cores, and more when others use them too.
    assert max(seconds) < 60, output


def test_an_action_server_that_hangs_and_then_dies_is_never_silence(second_assistant) -> None:
    servers = second_assistant.servers()
    for one in second_assistant.action_servers():
        one.send_signal(signal.SIGSTOP)
    hung = second_assistant.command("say", "where is my parcel?")
    # Either words from Rasa's side, or the command says that none came: never nothing at all.
    assert len(hung.stdout if hung.returncode == 0 else hung.stderr) > 10
    assert hung.returncode == 0 or "within 15 seconds, found none" in hung.stderr

    for one in second_assistant.action_servers():
        one.kill()
    assert second_assistant.process.wait(30) == 1
    told = second_assistant.output.read_text()
    assert "expected the action server to keep running, found that it ended" in told
    _gone, alive = psutil.wait_procs(servers, timeout=0)
    assert alive == [], "a server outlived the supervisor"

    dead = second_assistant.command("say", "hello")
    assert dead.returncode == 1
    assert dead.stdout == ""
    assert f"expected the assistant at {second_assistant.url}, found nothing there" in dead.stderr
    assert "`make run`" in dead.stderr
