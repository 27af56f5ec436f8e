"""A running Amends whose parts can be killed, with a helpdesk behind it."""

import sys
from collections.abc import Iterator

import helpdesk as webhook
import pytest
from live_parts import LiveParts, settings_in

from amends.settings import ROOT

sys.path.append(str(ROOT / "tests" / "tickets"))  # postgresql_server.py


@pytest.fixture
def helpdesk() -> Iterator[webhook.Helpdesk]:
    with webhook.listening() as one:
        yield one


@pytest.fixture
def parts(assistant, tmp_path, helpdesk) -> Iterator[LiveParts]:
    """With SQLite, and with what the assistant of all end-to-end tests has built."""
    with LiveParts(settings_in(tmp_path, assistant.state, **_tells(helpdesk))) as running:
        yield running


@pytest.fixture
def postgresql() -> Iterator[object]:
    import postgresql_server

    with postgresql_server.running_or_skipped() as server:
        yield server


@pytest.fixture
def parts_on_postgresql(assistant, tmp_path, helpdesk, postgresql) -> Iterator[LiveParts]:
    own = {"database_url": postgresql.new(), **_tells(helpdesk)}
    settings = settings_in(tmp_path, assistant.state, **own)
    with LiveParts(settings, postgresql) as running:
        yield running


def _tells(helpdesk: webhook.Helpdesk) -> dict[str, str]:
    return {"webhook_url": helpdesk.url, "webhook_secret": webhook.SECRET}
