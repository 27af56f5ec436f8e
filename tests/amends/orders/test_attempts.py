"""Wrong addresses for an order number, on both kinds of database."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from actions import services
from amends.orders.attempts import MOST_WRONG, Attempts
from amends.settings import get_settings
from tickets.database import open_engine
from tickets.store import TicketStoreError, migrate

KEY = SecretStr("a key that nobody can guess, not at all")


class Clock:
    def __init__(self):
        self.at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'any.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").new()
    migrate(url)
    opened = open_engine(url)
    yield opened
    opened.dispose()


@pytest.fixture
def attempts(engine, clock):
    return Attempts(engine, KEY, clock)


def rows(engine):
    with engine.connect() as connection:
        return connection.execute(text("SELECT subject, at FROM order_attempts")).all()


def test_five_wrong_addresses_within_an_hour_close_a_number_however_it_is_typed(attempts):
    for chat in range(MOST_WRONG - 1):
        attempts.wrong("#a 10 234", f"chat {chat}")
        assert not attempts.locked("A10234")
    attempts.wrong("A10234", "another chat")
    assert attempts.locked("a10234")
    assert not attempts.locked("A10235")


def test_a_closed_number_opens_again_an_hour_after_the_first(attempts, clock):
    for _ in range(MOST_WRONG):
        attempts.wrong("A10234")
        clock.at += timedelta(minutes=1)
    clock.at += timedelta(minutes=54, seconds=59)
    assert attempts.locked("A10234")
    clock.at += timedelta(seconds=1)
    assert not attempts.locked("A10234")


def test_a_chat_that_guesses_on_many_numbers_is_closed_for_all(attempts):
    for number in range(MOST_WRONG):
        attempts.wrong(f"A1000{number}", "a chat")
    assert attempts.locked("A20000", "a chat")
    assert not attempts.locked("A20000", "another chat")
    assert not attempts.locked("A10000")


def test_a_chat_is_never_taken_for_a_number(attempts):
    for _ in range(MOST_WRONG):
        attempts.wrong("1", "A10234")
    assert not attempts.locked("A10234")


def test_what_is_older_than_an_hour_is_deleted(attempts, engine, clock):
    attempts.wrong("A10234", "a chat")
    clock.at += timedelta(hours=1)
    attempts.wrong("A10235")
    assert len(rows(engine)) == 1


def test_the_table_names_no_number_and_no_chat(attempts, engine):
    attempts.wrong("A10234", "chat-7")
    written = str(rows(engine))
    assert "10234" not in written
    assert "chat-7" not in written


def test_another_key_knows_nothing_of_it(attempts, engine, clock):
    for _ in range(MOST_WRONG):
        attempts.wrong("A10234")
    assert not Attempts(engine, SecretStr("k" * 32), clock).locked("A10234")


@pytest.mark.parametrize("call", ["wrong", "locked"])
def test_a_database_that_is_not_there_is_said(call, tmp_path):
    nowhere = open_engine(f"sqlite:///{tmp_path / 'nowhere' / 'tickets.db'}")
    with pytest.raises(TicketStoreError) as error:
        getattr(Attempts(nowhere, KEY), call)("A10234")
    assert "Expected a working ticket database" in str(error.value)
    assert "10234" not in str(error.value)


def test_the_actions_count_with_the_key_of_the_servers(monkeypatch):
    monkeypatch.setenv("AMENDS_SESSION_KEY", "s" * 32)
    get_settings.cache_clear()
    services.attempts.cache_clear()
    migrate(get_settings().ticket_database_url)
    for _ in range(MOST_WRONG):
        services.attempts().wrong("A10234")
    same = Attempts(open_engine(get_settings().ticket_database_url), SecretStr("s" * 32))
    assert same.locked("A10234")
    services.attempts.cache_clear()
