"""The desk over databases of the tests' own."""

import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from desk_browser import PASSWORD, Browser

from amends.settings import ROOT, Settings
from desk import app as desk_app
from desk.accounts import Accounts, Role
from desk.accounts.passwords import Passwords
from tickets.database import open_engine
from tickets.store import migrate

sys.path.append(str(ROOT / "tests" / "tickets"))  # postgresql_server.py

# At its cheapest: the tests sign in hundreds of times.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    """A clock that tests set forward."""

    def __init__(self):
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self):
        return self.moment

    def advance(self, **step):
        self.moment += timedelta(**step)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="session")
def postgresql():
    """A running PostgreSQL server."""
    import postgresql_server

    with postgresql_server.running_or_skipped() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def any_engine(request, tmp_path):
    """An empty ticket database, on each kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'any.db'}"
    else:
        url = request.getfixturevalue("postgresql").new()
    migrate(url)
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def accounts(any_engine, clock):
    """Accounts of nobody yet, on each kind of database."""
    return Accounts(any_engine, clock, Passwords(CHEAP))


@pytest.fixture
def make_desk(tmp_path, clock, monkeypatch):
    """Makes a desk on SQLite with a clock of the tests; settings as arguments."""
    passwords = Passwords(CHEAP)
    monkeypatch.setattr(desk_app, "Accounts", partial(Accounts, now=clock, passwords=passwords))
    made = []

    def make(**changes):
        settings = Settings(state_dir=tmp_path, **changes)
        migrate(settings.ticket_database_url)
        app = desk_app.create_app(settings)
        made.append(app.state.desk)
        return SimpleNamespace(app=app, accounts=app.state.desk.accounts, settings=settings)

    yield make
    for desk in made:
        desk.store.close()


@pytest.fixture
def desk(make_desk):
    """A desk with the administrator ada and the agent ben."""
    made = make_desk()
    for login, role in (("ada", Role.ADMINISTRATOR), ("ben", Role.AGENT)):
        join(made.accounts, login, role)
    return made


@pytest.fixture
def open_browser(desk):
    """Opens browsers; with a login, signed in."""

    def opening(login=None, **options):
        opened = Browser(desk.app, **options)
        if login:
            assert opened.sign_in(login).status_code == 303
        return opened

    return opening


def join(accounts, login, role=Role.AGENT):
    """Make an account."""
    invitation = accounts.invitations.invite(role)
    return accounts.welcome(invitation, login, login.title(), PASSWORD)


@pytest.fixture(name="join")
def join_fixture():
    return join
