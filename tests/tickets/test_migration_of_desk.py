"""Migration 0004, up and down with data in it, on SQLite and on PostgreSQL."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import inspect
from sqlalchemy import text as sql_text
from sqlalchemy.exc import IntegrityError

from tickets.conversations import Line
from tickets.database import alembic_config, open_engine
from tickets.notes import NewNote
from tickets.queue import Filter
from tickets.ratings import Rating
from tickets.store import TicketStore, migrate

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
STRONG, EXTREME = {"intensity": "strong"}, {"intensity": "extreme"}


class Database:
    """A database at any revision, past the store."""

    def __init__(self, url):
        self.url = url

    def move(self, to, upgrade=False):
        engine = open_engine(self.url)
        with engine.execution_options(write=True).begin() as connection:
            go = command.upgrade if upgrade else command.downgrade
            go(alembic_config(connection), to)
        engine.dispose()

    def run(self, statement, **values):
        engine = open_engine(self.url)
        with engine.execution_options(write=True).begin() as connection:
            result = connection.execute(sql_text(statement), values)
            rows = [tuple(row) for row in result] if result.returns_rows else []
        engine.dispose()
        return rows

    def insert(self, table, **values):
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", **values)

    def moment(self, at):
        return at if self.url.startswith("postgresql") else f"{at:%Y-%m-%d %H:%M:%S.%f}"

    def schema(self):
        """Tables, columns, indices and checks, as the database itself says."""
        engine = open_engine(self.url)
        found = inspect(engine)
        schema = {
            table: (
                sorted(
                    (c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)
                ),
                sorted(index["name"] for index in found.get_indexes(table)),
                sorted(check["name"] for check in found.get_check_constraints(table)),
            )
            for table in found.get_table_names()
        }
        engine.dispose()
        return schema


@pytest.fixture
def database(any_url):
    return Database(any_url)


@pytest.fixture
def before(database):
    """What Amends had written before there was a desk: one ticket of each status."""
    database.move("0003", upgrade=True)
    at = database.moment(AT)
    for number, status in enumerate(("open", "claimed", "resolved"), 1):
        chat = f"web-{number}"
        database.insert(
            "tickets", reference=f"AM-{number}", conversation_id=chat,
            category="delivery", status=status, rule="strong_negative", detail="", created_at=at,
            updated_at=database.moment(AT + timedelta(hours=number)),
        )  # fmt: skip
        for message, (scores, rule) in enumerate(
            ((STRONG, "safety"), (EXTREME, "strong_negative"))
        ):
            database.insert(
                "ticket_messages", ticket_id=number, conversation_id=chat, message_id=f"m{message}",
                text="Where is it?", assessment=json.dumps(scores), created_at=at,
                triage=json.dumps({"decision": "escalate", "rule": rule, "detail": ""}),
            )  # fmt: skip
        database.insert(
            "outbox", ticket_id=number, event="ticket.opened", payload="{}", delivery="pending",
            attempts=0, created_at=at,
        )  # fmt: skip
        agent = {"talking": "agent", "agent": "Anna"} if status == "claimed" else {"talking": "bot"}
        database.insert(
            "conversations", conversation_id=chat, takeovers=number - 1, updated_at=at, **agent
        )
    for message, role in enumerate(("shopper", "agent")):
        database.insert(
            "conversation_messages", conversation_id="web-2", message_id=f"s{message}", role=role,
            text="Hello", created_at=at,
        )  # fmt: skip
    return database


@pytest.fixture
def upgraded(before):
    migrate(before.url)
    return before


def test_tickets_learn_whose_they_are_and_who_waits_since_when(upgraded):
    with closing(TicketStore.open(upgraded.url)) as store:
        tickets = {ticket.status.value: ticket for ticket in store.list()}
    assert {status: ticket.owner for status, ticket in tickets.items()} == {
        "open": None,
        "claimed": "Anna",
        "resolved": None,
    }
    assert tickets["open"].waiting_since == pytest.approx(AT.timestamp(), abs=0.01)
    assert tickets["claimed"].waiting_since is tickets["resolved"].waiting_since is None
    assert tickets["resolved"].resolved_at == AT + timedelta(hours=3)
    assert tickets["open"].resolved_at is tickets["claimed"].resolved_at is None
    # extreme, once more, in danger
    assert {ticket.severity for ticket in tickets.values()} == {4.0 * 1.5 * 10}


def test_what_was_to_be_delivered_is_due(upgraded):
    due = upgraded.run("SELECT event, delivery, attempts, sent_to, next_attempt_at FROM outbox")
    assert len(due) == 3
    for event, delivery, attempts, sent_to, next_attempt_at in due:
        assert (event, delivery, attempts) == ("ticket.opened", "pending", 0)
        assert sent_to in ([], "[]")
        assert next_attempt_at == upgraded.moment(AT)


def test_who_talked_goes_on_talking(upgraded):
    with closing(TicketStore.open(upgraded.url)) as store:
        owner = store.conversations.owner("web-2")
        assert (owner.talking, owner.agent) == ("agent", "Anna")
        assert store.takeover.claim("AM-2", "Anna").takeovers == 1  # the same stay
        assert store.takeover.hand_back("AM-2").talking == "bot"
        assert [line.role for line in store.conversations.lines("web-2")] == ["shopper", "agent"]


def test_the_queue_is_there(upgraded):
    with closing(TicketStore.open(upgraded.url)) as store:
        rows = store.queue.page(Filter()).rows
    assert [row.reference for row in rows] == ["AM-1", "AM-2", "AM-3"]
    assert {row.messages for row in rows} == {2}


def everything_new(store, case):
    """Uses all that the migration brought."""
    waiting = store.escalate(case("m1", "web-4")).ticket.reference
    reference = store.escalate(case("m1", "web-5")).ticket.reference
    store.takeover.claim(reference, "Ben", "ben")
    for message, role in enumerate(("shopper", "bot", "agent", "notice")):
        line = Line(
            conversation_id="web-5", message_id=f"s{message}", role=role, text=role,
            assessment=STRONG, created_at=datetime.now(UTC),
        )  # fmt: skip
        store.conversations.record(line)
    store.notes.add(reference, NewNote(author="ben", text="Called."))
    for change in (store.takeover.release, store.takeover.resolve, store.takeover.reopen):
        change(reference, "ben")
    store.takeover.resolve(reference, "ben")
    store.ratings.rate(Rating(conversation_id="web-5", request_id=reference, score=5))
    return waiting, reference


def test_down_takes_what_is_new_and_keeps_what_was_there(upgraded, case):
    with closing(TicketStore.open(upgraded.url)) as store:
        waiting, reference = everything_new(store, case)
    events = {event for (event,) in upgraded.run("SELECT DISTINCT event FROM outbox")}
    assert events == {
        "ticket.opened", "ticket.claimed", "ticket.handed_back", "ticket.resolved",
        "ticket.reopened", "ticket.rated", "chat.joined", "chat.waiting", "chat.left",
        "chat.rating",
    }  # fmt: skip
    upgraded.move("0003")
    talking = dict(upgraded.run("SELECT conversation_id, talking FROM conversations"))
    assert talking == {
        "web-1": "bot", "web-2": "agent", "web-3": "bot", "web-4": "bot", "web-5": "bot",
    }  # fmt: skip
    statuses = dict(upgraded.run("SELECT reference, status FROM tickets"))
    assert (statuses[waiting], statuses[reference]) == ("open", "resolved")
    assert len(statuses) == 5
    left = {event for (event,) in upgraded.run("SELECT event FROM outbox")}
    assert left == {"ticket.opened"}
    roles = upgraded.run("SELECT role FROM conversation_messages WHERE conversation_id = 'web-5'")
    assert sorted(roles) == [("agent",), ("shopper",)]
    assert upgraded.run("SELECT score FROM ratings") == [(5,)]


def test_down_and_up_again_ends_where_it_was(upgraded, case):
    with closing(TicketStore.open(upgraded.url)) as store:
        everything_new(store, case)
    newest = upgraded.schema()
    upgraded.move("0003")
    migrate(upgraded.url)
    assert upgraded.schema() == newest
    with closing(TicketStore.open(upgraded.url)) as store:
        assert len(store.list()) == 5
        everything_new(store, lambda message, chat: case(f"again {message}", chat))


def test_down_ends_at_the_schema_that_was_there(database):
    database.move("0003", upgrade=True)
    before = database.schema()
    migrate(database.url)
    database.move("0003")
    assert database.schema() == before


UNKNOWN_BEFORE = {
    "conversations": {"conversation_id": "new", "talking": "waiting", "agent": "x", "takeovers": 0},
    "outbox": {"ticket_id": 1, "event": "chat.left", "payload": "{}", "delivery": "pending",
               "attempts": 0},
    "conversation_messages": {"conversation_id": "new", "message_id": "n", "role": "bot",
                              "text": ""},
}  # fmt: skip


@pytest.mark.parametrize(
    ("table", "check"),
    [("conversations", "talking"), ("outbox", "event"), ("conversation_messages", "role")],
)
def test_what_an_older_amends_does_not_know_is_refused_after_down(upgraded, table, check):
    upgraded.move("0003")
    moment = "updated_at" if table == "conversations" else "created_at"
    with pytest.raises(IntegrityError, match=f"ck_{table}_{check}"):
        upgraded.insert(table, **UNKNOWN_BEFORE[table], **{moment: upgraded.moment(AT)})
