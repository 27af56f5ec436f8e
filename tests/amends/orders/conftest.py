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


@pytest.fixture
def demo(tmp_path):
    from backends import Demo

    return Demo(tmp_path)


@pytest.fixture
def woo():
    from backends import Woo

    backend = Woo()
    yield backend
    backend.close()


@pytest.fixture(params=["demo", "woo"])
def backend(request):
    """Each kind of shop behind its connector."""
    return request.getfixturevalue(request.param)
