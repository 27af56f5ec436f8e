import json
import os
import signal
import sys
from pathlib import Path

import pytest

from amends.serve.errors import ServeError, StopRequestedError
from amends.serve.processes import Child, stop_all
from amends.serve.readiness import (
    BUSY,
    Server,
    actions_problem,
    deliveries_problem,
    desk_problem,
    rasa_problem,
    wait_until_ready,
)
from amends.serve.stopping import SIGNALS, Stopper


def test_rasa_is_ready_when_it_greets_back_in_a_conversation_of_its_own(fake_rasa) -> None:
    assert rasa_problem(fake_rasa.url) is None
    assert rasa_problem(fake_rasa.url) is None
    asked = [json.loads(request) for request in fake_rasa.asked]
    assert [one["message"] for one in asked] == ["hello", "hello"]
    assert len({one["sender"] for one in asked}) == 2
    assert all(one["sender"].startswith("readiness-") for one in asked)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ({"body": b"[]"}, "an empty answer"),
        ({"status": 500}, "HTTP 500"),
        ({"body": b"<html>", "content_type": "text/html"}, "text/html"),
    ],
    ids=["silence", "500", "html"],
)
def test_rasa_that_listens_but_has_no_words_is_not_ready(
    fake_rasa, fault: dict, problem: str
) -> None:
    for name, value in fault.items():
        setattr(fake_rasa, name, value)
    assert problem in rasa_problem(fake_rasa.url)


@pytest.mark.parametrize(
    ("status", "problem"), [(200, None), (503, "no adapter"), (404, "no adapter")]
)
def test_the_action_server_is_ready_when_it_says_so(
    fake_rasa, status: int, problem: str | None
) -> None:
    fake_rasa.status = status
    fake_rasa.body = b"no adapter"
    assert actions_problem(fake_rasa.url) == problem


def test_a_closed_port_is_not_ready_and_nothing_to_speak_of(free_port) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert actions_problem(url) == BUSY
    assert rasa_problem(url) == BUSY


@pytest.fixture
def sleeper(tmp_path: Path):
    program = "print('loading', flush=True); import time; time.sleep(60)"
    child = Child("Rasa", [sys.executable, "-c", program], tmp_path / "log", os.environ, tmp_path)
    child.start()
    yield child
    stop_all([child])


def test_the_desk_is_ready_when_its_database_answers(fake_rasa) -> None:
    assert desk_problem(fake_rasa.url) is None
    fake_rasa.status = 503
    assert desk_problem(fake_rasa.url) == f"{fake_rasa.url}/health answers HTTP 503"
    assert desk_problem("http://127.0.0.1:1") == BUSY


def test_the_deliveries_are_ready_when_their_log_says_so(tmp_path: Path) -> None:
    log = tmp_path / "deliveries.log"
    assert deliveries_problem(log) == ""
    log.write_text("Deliveries: the database is busy\n")
    assert deliveries_problem(log) == ""
    log.write_text("Deliveries: the database is busy\nDelivering to chat.\n")
    assert deliveries_problem(log) is None


def test_a_server_that_stays_busy_is_given_up_with_its_log(sleeper: Child, capsys) -> None:
    with Stopper() as stopper, pytest.raises(ServeError) as caught:
        wait_until_ready([Server(sleeper, lambda: BUSY)], stopper, timeout_s=1)
    assert "expected Rasa to be ready within 1 seconds" in str(caught.value)
    assert str(caught.value).endswith("loading")
    assert "Ready" not in capsys.readouterr().out


def test_why_it_is_not_ready_is_told_once_and_at_once(sleeper: Child, capsys) -> None:
    problems = iter([BUSY, "no adapter", "no adapter", BUSY, "no adapter", None])
    with Stopper() as stopper:
        wait_until_ready([Server(sleeper, lambda: next(problems))], stopper, timeout_s=30)
    lines = [line.split(" (")[0] for line in capsys.readouterr().out.splitlines()]
    assert lines == ["Starting Rasa …", "Not ready yet: Rasa: no adapter", "Ready: Rasa"]


def test_a_signal_is_heard_while_waiting(sleeper: Child) -> None:
    with Stopper() as stopper:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(StopRequestedError):
            wait_until_ready([Server(sleeper, lambda: BUSY)], stopper, timeout_s=30)


def test_signals_mean_what_they_meant_once_the_block_is_left() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with Stopper():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
