import sys
from contextlib import closing
from pathlib import Path

import pytest

from amends.settings import ROOT
from tickets.store import TicketStore, migrate

sys.path.append(str(ROOT / "tests" / "tickets"))  # postgresql_server.py


@pytest.fixture(scope="session")
def postgresql():
    """A running PostgreSQL server."""
    import postgresql_server

    if not postgresql_server.PROGRAMS:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgresql_server.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request, tmp_path: Path) -> str:
    """The URL of an empty ticket database, on each kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'any.db'}"
    else:
        url = request.getfixturevalue("postgresql").new()
    migrate(url)
    return url


@pytest.fixture
def store(any_url):
    with closing(TicketStore.open(any_url)) as opened:
        yield opened
