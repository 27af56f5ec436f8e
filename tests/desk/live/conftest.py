from contextlib import closing
from pathlib import Path

import pytest

from tickets.store import TicketStore, migrate


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
