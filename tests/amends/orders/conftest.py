"""What the tests of orders share."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "tickets"))  # postgresql_server.py


@pytest.fixture(scope="session")
def postgresql():
    """A running PostgreSQL server."""
    import postgresql_server

    with postgresql_server.running_or_skipped() as server:
        yield server
