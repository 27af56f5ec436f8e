"""All of one shopper is exported and deleted, on SQLite and on PostgreSQL."""

import base64
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import text as sql_text

from assistant.web_channel.session_tokens import Tokens
from tickets.conversations import Line
from tickets.deletion import Deleted
from tickets.files import CheckedFile
from tickets.labels import Correction
from tickets.notes import NewNote
from tickets.orm import Base
from tickets.ratings import Rating
from tickets.shopper import conversation_of, erase, export
from tickets.store import TicketStoreError

CONTENT = bytes(range(256))

NOT_OF_SHOPPERS = {
    "agents", "desk_sessions", "failed_sign_ins", "invitations", "api_tokens", "saved_views",
    "changes",
    # Keyed hashes that are gone within the hour: nobody can say whose a row is.
    "order_attempts",
}  # fmt: skip
OF_SHOPPERS = sorted(set(Base.metadata.tables) - NOT_OF_SHOPPERS)


@pytest.fixture
def everything(any_store, case):
    """A conversation of which every table has a row."""

    def make(conversation):
        reference = any_store.escalate(
            case("m1", conversation, text=f"I am {conversation}", assessment={"intensity": "weak"})
        ).ticket.reference
        file = any_store.attachments.add(
            conversation, CheckedFile("a.pdf", "application/pdf", CONTENT)
        )
        for message, attachment in (("s1", file.id), ("s2", None)):
            line = Line(
                conversation_id=conversation, message_id=message, role="shopper", text=message,
                attachment_id=attachment, created_at=datetime.now(UTC),
            )  # fmt: skip
            any_store.conversations.record(line)
        any_store.labels.correct(reference, Correction(polarity="neutral"), "anna")
        any_store.notes.add(reference, NewNote(author="anna", text="Called."))
        any_store.takeover.claim(reference, "Anna", "anna")
        any_store.takeover.resolve(reference, "anna")
        any_store.ratings.rate(Rating(conversation_id=conversation, request_id=reference, score=5))
        with any_store._engine.execution_options(write=True).begin() as connection:
            connection.execute(
                sql_text(
                    "UPDATE conversations SET shopper_name = 'Zoë' WHERE conversation_id = :c"
                ),
                {"c": conversation},
            )
        return reference

    return make


@pytest.fixture
def rows(any_store):
    """How many rows each table with shoppers' data has."""

    def count():
        with any_store._engine.connect() as connection:
            return {
                table: connection.scalar(sql_text(f"SELECT count(*) FROM {table}"))
                for table in OF_SHOPPERS
            }

    return count


def tables_in(exported):
    """The rows of an export, by table."""
    tickets = exported["tickets"]
    messages = [row for ticket in tickets for row in ticket["messages"]]
    return {
        "conversations": [exported["conversation"]],
        "tickets": tickets,
        "ticket_messages": messages,
        "labels": [row for message in messages for row in message["labels"]],
        "ticket_notes": [row for ticket in tickets for row in ticket["notes"]],
        "audit": [row for ticket in tickets for row in ticket["audit"]],
        "outbox": [row for ticket in tickets for row in ticket["outbox"]],
        "conversation_messages": exported["said"],
        "attachments": exported["attachments"],
        "ratings": exported["ratings"],
    }


def test_export_holds_every_column_of_every_row(any_store, everything, rows):
    everything("web-1")
    expected = rows()
    everything("web-2")
    exported = tables_in(export(any_store._engine, "web-1"))
    # A table that is added later belongs on one of the two lists.
    assert sorted(exported) == OF_SHOPPERS
    assert {table: len(found) for table, found in exported.items()} == expected
    assert 0 not in expected.values()
    for table, found in exported.items():
        assert set(Base.metadata.tables[table].c.keys()) <= set(found[0])


def test_export_is_json_with_the_files_in_it(any_store, everything):
    reference = everything("web-1")
    exported = json.loads(json.dumps(export(any_store._engine, "web-1")))
    assert exported["conversation"]["shopper_name"] == "Zoë"
    (ticket,) = exported["tickets"]
    assert (ticket["reference"], ticket["status"]) == (reference, "resolved")
    assert [message["text"] for message in ticket["messages"]] == ["I am web-1"]
    assert ticket["messages"][0]["labels"][0]["polarity"] == "neutral"
    assert [note["text"] for note in ticket["notes"]] == ["Called."]
    assert [line["text"] for line in exported["said"]] == ["s1", "s2"]
    (file,) = exported["attachments"]
    assert base64.b64decode(file["content"]) == CONTENT
    assert datetime.fromisoformat(file["created_at"]).tzinfo is not None
    assert [rating["score"] for rating in exported["ratings"]] == [5]
    assert "web-2" not in json.dumps(exported)


def test_export_of_a_stranger_is_empty(any_store):
    exported = export(any_store._engine, "web-9")
    assert exported["conversation"] is None
    assert [exported[part] for part in ("tickets", "said", "attachments", "ratings")] == [[]] * 4


def test_nothing_of_the_shopper_is_left_and_all_of_others(any_store, everything, rows):
    everything("web-2")
    others, before = rows(), export(any_store._engine, "web-2")
    everything("web-1")
    deleted = erase(any_store._engine, "web-1")
    assert deleted == Deleted(
        tickets=1, messages=1, labels=1, notes=1, said=2, attachments=1, ratings=1, names=1
    )
    assert rows() == others
    left = export(any_store._engine, "web-1")
    assert (left["conversation"], left["tickets"]) == (None, [])
    after = export(any_store._engine, "web-2")
    assert {**after, "exported_at": None} == {**before, "exported_at": None}


def test_deleting_again_deletes_nothing(any_store, everything, rows):
    everything("web-1")
    erase(any_store._engine, "web-1")
    assert erase(any_store._engine, "web-1") == Deleted()
    assert set(rows().values()) == {0}


def test_open_and_claimed_tickets_go_too(any_store, ticket, rows):
    first = ticket()
    ticket(category="quality")
    any_store.takeover.claim(first.reference, "Anna")
    assert erase(any_store._engine, "web-1").tickets == 2
    assert set(rows().values()) == {0}
    assert any_store.conversations.owner("web-1").talking == "bot"


def test_a_shopper_who_was_deleted_is_a_new_one(any_store, everything):
    everything("web-1")
    erase(any_store._engine, "web-1")
    reference = everything("web-1")
    assert len(any_store.get(reference).messages) == 1


def test_screens_are_told(store, case, sql):
    reference = store.escalate(case()).ticket.reference
    told = sql("SELECT count(*) FROM changes")[0][0]
    erase(store._engine, "c1")
    assert sql("SELECT reference FROM changes ORDER BY id")[told:] == [(reference,)]


def test_all_or_nothing(store, case, sql):
    store.escalate(case())
    sql("ALTER TABLE ratings RENAME TO gone")
    with pytest.raises(TicketStoreError, match="no such table: ratings"):
        erase(store._engine, "c1")
    assert store.list()[0].messages


@pytest.mark.parametrize("customer", ["42", "Zoë", "a@b.example", "x" * 1000, "\ud800"])
def test_an_identified_shoppers_conversation_is_the_one_that_the_channel_makes(customer):
    import time

    import jwt

    key = "k" * 32
    claims = {"aud": "amends-identity", "sub": customer, "exp": int(time.time()) + 60}
    tokens = Tokens("s" * 32, key)
    token = tokens.identified(jwt.encode(claims, key, "HS256"))
    assert conversation_of(customer) == tokens.shopper(token).sender
