"""A channel that listens, and a ticket to take over."""

import subprocess
import sys
from contextlib import closing

import pytest
import tickets_channel
from takeover_commands import opened
from tickets_channel import KEY

from amends.settings import get_settings
from tickets.store import TicketStore, migrate


@pytest.fixture
def channel(monkeypatch):
    with tickets_channel.listening() as listening:
        monkeypatch.setenv("AMENDS_RASA_PORT", str(listening.port))
        monkeypatch.setenv("AMENDS_SESSION_KEY", KEY)
        # A proxy for the web must not be asked for a server on this machine.
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        get_settings.cache_clear()
        yield listening


@pytest.fixture
def store(channel):
    url = get_settings().ticket_database_url
    migrate(url)
    with closing(TicketStore.open(url)) as opened:
        yield opened


@pytest.fixture
def reference(store):
    return opened(store)


@pytest.fixture
def claimed(store, reference):
    store.takeover.claim(reference, "Anna")
    return reference


@pytest.fixture
def deliveries():
    """Starts the process that `amends run` starts for them."""
    started = []

    def run():
        process = subprocess.Popen(
            [sys.executable, "-m", "tickets.delivery"], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.terminate()
        assert process.wait(30) == 0
        process.stdout.close()
