import multiprocessing
import re
import sqlite3
from contextlib import closing
from datetime import datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

import desk.models  # noqa: F401 - registers its tables
import tickets.models  # noqa: F401 - registers its tables
from tickets.database import alembic_config, open_engine
from tickets.orm import Base, UtcDateTime
from tickets.store import TicketStore, TicketStoreError, migrate


def schema(file):
    """Every table and index of a database, as the parts of its SQL."""
    query = (
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'"
    )
    with closing(sqlite3.connect(file)) as connection:
        return {name: sorted(_parts(sql)) for name, sql in connection.execute(query)}


def _parts(sql):
    """What stands between the outermost commas, whatever the layout."""
    text = re.sub(r'"(\w+)"', r"\1", " ".join(sql.split()))
    head, _, inside = text.partition("(")
    parts, depth = [""], 0
    for sign in inside.rpartition(")")[0]:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [head.strip(), *(part.strip() for part in parts)]


def test_migrated_schema_is_the_one_of_the_models(database):
    engine = open_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_migrated_schema_has_the_constraints_of_the_models(database, tmp_path):
    """Alembic compares neither CHECK constraints nor the condition of a partial index."""
    engine = create_engine(f"sqlite:///{tmp_path / 'models.db'}")
    Base.metadata.create_all(engine)
    engine.dispose()
    expected = schema(tmp_path / "models.db")
    assert "CHECK" in str(expected)
    assert schema(database) == expected


def test_downgrade_takes_everything_away_and_upgrade_brings_it_back(database, store, case):
    before = schema(database)
    store.escalate(case())
    store.close()
    engine = open_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    engine.dispose()
    assert schema(database) == {}
    migrate(f"sqlite:///{database}")
    assert schema(database) == before


def test_migrating_again_keeps_the_tickets(database, store, case):
    ticket = store.escalate(case()).ticket
    migrate(f"sqlite:///{database}")
    assert store.get(ticket.reference) == ticket


def test_migrate_makes_the_folder(tmp_path):
    file = tmp_path / "not" / "there yet" / "100%.db"
    migrate(f"sqlite:///{file}")
    TicketStore.open(f"sqlite:///{file}").close()


def test_migration_that_fails_half_way_leaves_nothing(tmp_path):
    file = tmp_path / "tickets.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE outbox (mine TEXT)")
    with pytest.raises(TicketStoreError, match="table outbox already exists"):
        migrate(f"sqlite:///{file}")
    assert set(schema(file)) == {"outbox"}


def test_processes_that_migrate_at_once_all_succeed(tmp_path):
    url = f"sqlite:///{tmp_path / 'tickets.db'}"
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(3)
    migrators = [spawn.Process(target=_migrate, args=(url, ready)) for _ in range(3)]
    for migrator in migrators:
        migrator.start()
    for migrator in migrators:
        migrator.join(120)
    assert [migrator.exitcode for migrator in migrators] == [0, 0, 0]
    TicketStore.open(url).close()


def _migrate(url, ready):
    ready.wait(60)
    migrate(url)


def test_database_that_was_never_migrated_is_refused(tmp_path):
    file = tmp_path / "empty.db"
    file.touch()
    with pytest.raises(TicketStoreError) as raised:
        TicketStore.open(f"sqlite:///{file}")
    assert str(raised.value) == (
        "Expected the ticket database at revision 0005, found an empty one. "
        "Run `amends tickets migrate`."
    )


@pytest.mark.parametrize("use", [migrate, TicketStore.open])
def test_database_of_a_newer_amends_is_refused(database, sql, use):
    sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(TicketStoreError, match=r"found revision 9999\. Update Amends"):
        use(f"sqlite:///{database}")


@pytest.mark.parametrize("use", [migrate, TicketStore.open])
@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense:hunter2", "found one that cannot be read. Correct AMENDS_DATABASE_URL."),
        ("sqlite://", "found SQLite in memory. Name a file in AMENDS_DATABASE_URL."),
        ("sqlite:///:memory:", "found SQLite in memory"),
        ("oracles://user:hunter2@host/db", "found oracles"),
        ("mysql+pymysql://user:hunter2@host/db", "found mysql+pymysql"),
    ],
)
def test_url_that_cannot_be_used_is_refused_without_its_password(use, url, message):
    with pytest.raises(TicketStoreError) as raised:
        use(url)
    assert message in str(raised.value)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("use", [migrate, TicketStore.open])
def test_file_that_is_no_database_is_refused_and_kept(tmp_path, use):
    file = tmp_path / "holiday.jpg"
    file.write_bytes(b"not a database" * 500)
    with pytest.raises(TicketStoreError, match=r"file is not a database\. Check that it is reach"):
        use(f"sqlite:///{file}")
    assert file.read_bytes() == b"not a database" * 500


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TicketStoreError, match=r"found (FileExists|NotADirectory)Error: .*file"):
        migrate(f"sqlite:///{tmp_path / 'file' / 'tickets.db'}")


def test_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="Expected a time with a time zone, found 2026-01-01"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), None)
