"""Ready means that real work was done, not that a port is open."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from amends.serve.conversation import NoAnswerError, ask
from amends.serve.errors import ServeError
from amends.serve.processes import Child
from amends.serve.progress import Progress
from amends.serve.stopping import Stopper

TIMEOUT_S = 180.0
PROBE_TIMEOUT_S = 5.0  # also how long Ctrl-C may wait for a server that hangs
STEP_S = 0.25


BUSY = ""
"""Not ready, and nothing to say about it: the server is still loading."""


DELIVERING = "Delivering to "
"""Begins the line that the deliveries write once they work."""


@dataclass(frozen=True)
class Server:
    """A child process and how to see that it does its work.

    Attributes:
        child: The process.
        problem: Why it is not ready, `BUSY` while it says nothing, None once it is.
    """

    child: Child
    problem: Callable[[], str | None]


def actions_problem(url: str) -> str | None:
    """Why the action server has not scored its known sentence yet, or None."""
    try:
        response = httpx.get(f"{url}/ready", timeout=PROBE_TIMEOUT_S, trust_env=False)
    except httpx.HTTPError:
        return BUSY
    return None if response.status_code == httpx.codes.OK else response.text


def rasa_problem(url: str) -> str | None:
    """Why the assistant does not greet back yet, in a conversation of its own, or None."""
    try:
        ask(url, f"readiness-{uuid.uuid4().hex}", "hello", PROBE_TIMEOUT_S)
    except NoAnswerError as error:
        not_there = isinstance(error.__cause__, httpx.ConnectError | httpx.TimeoutException)
        return BUSY if not_there else str(error)
    return None


def shop_problem(url: str, widget: str) -> str | None:
    """Why a shopper cannot open the demo shop with the chat on it yet, or None."""
    for address in (url, widget):
        try:
            response = httpx.get(address, timeout=PROBE_TIMEOUT_S, trust_env=False)
        except httpx.HTTPError:
            return BUSY
        if response.status_code != httpx.codes.OK:
            return f"{address} answers HTTP {response.status_code}: {response.text[:200]}"
    return None


def desk_problem(url: str) -> str | None:
    """Why the agents' desk does not find its tickets yet, or None."""
    try:
        response = httpx.get(f"{url}/health", timeout=PROBE_TIMEOUT_S, trust_env=False)
    except httpx.HTTPError:
        return BUSY
    if response.status_code == httpx.codes.OK:
        return None
    return f"{url}/health answers HTTP {response.status_code}"


def deliveries_problem(log: Path) -> str | None:
    """Why the deliveries have not looked into the outbox yet, or None: they say so in their log."""
    if not log.exists():
        return BUSY
    lines = log.read_text(errors="replace").splitlines()
    return None if any(line.startswith(DELIVERING) for line in lines) else BUSY


def wait_until_ready(
    servers: Sequence[Server], stopper: Stopper, timeout_s: float = TIMEOUT_S
) -> None:
    """Wait for each server in turn, while watching all of them.

    Raises:
        ServeError: one of them ended, or is not ready after `timeout_s` seconds.
        StopRequestedError: a signal came.
    """
    end = time.monotonic() + timeout_s
    progress = Progress("Starting " + _listed([server.child.name for server in servers]))
    for server in servers:
        told = BUSY
        while (problem := server.problem()) is not None:
            check_alive(servers)
            if time.monotonic() > end:
                raise ServeError(_too_slow(server.child, timeout_s))
            if problem not in (BUSY, told):
                progress.say(f"Not ready yet: {server.child.name}: {problem}")
                told = problem
            progress.tick()
            stopper.pause(STEP_S)
        progress.say(f"Ready: {server.child.name}")


def check_alive(servers: Sequence[Server]) -> None:
    """See that every server still runs.

    Raises:
        ServeError: one has ended; the message holds the end of its log.
    """
    for child in (server.child for server in servers):
        if child.exit_code is not None:
            raise ServeError(
                f"expected {child.name} to keep running, found that it ended with code "
                f"{child.exit_code}. The end of {child.log}:\n{child.tail()}"
            )


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _too_slow(child: Child, timeout_s: float) -> str:
    return (
        f"expected {child.name} to be ready within {timeout_s:g} seconds, found it still busy. "
        f"The end of {child.log}:\n{child.tail()}"
    )
