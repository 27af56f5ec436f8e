"""Migration 0003, up and down with data in it, on SQLite and on PostgreSQL."""

from contextlib import closing
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from tickets.conversations import Line
from tickets.database import alembic_config, open_engine
from tickets.files import CheckedFile
from tickets.orm import Base
from tickets.store import TicketStore, TicketStoreError, migrate

ADDED = {
    "conversations", "conversation_messages", "attachments", "ratings",
    "ticket_notes", "audit", "changes", "agents", "desk_sessions", "failed_sign_ins",
    "invitations", "api_tokens", "saved_views", "order_attempts",
}  # fmt: skip


def tables(url):
    engine = open_engine(url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def move(url, to):
    engine = open_engine(url)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), to)
    engine.dispose()


def test_migrated_schema_is_the_one_of_the_models(any_store):
    with any_store._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_down_takes_conversations_away_and_keeps_tickets(any_store, any_url, ticket):
    opened = ticket()
    file = any_store.attachments.add("web-1", CheckedFile("a.pdf", "application/pdf", b"a"))
    said = Line(
        conversation_id="web-1",
        message_id="m1",
        role="shopper",
        text="Hello?",
        attachment_id=file.id,
        created_at=datetime.now(UTC),
    )
    any_store.conversations.record(said)
    any_store.takeover.claim(opened.reference, "Anna")
    claimed = any_store.get(opened.reference)
    any_store.close()

    before = tables(any_url)
    move(any_url, "0002")
    assert before - tables(any_url) == ADDED
    with pytest.raises(TicketStoreError, match="at revision 0005, found 0002"):
        TicketStore.open(any_url)

    migrate(any_url)
    assert tables(any_url) == before
    with closing(TicketStore.open(any_url)) as store:
        # Who had it was known by the conversation alone, which is gone.
        assert store.get(opened.reference) == claimed.model_copy(update={"owner": None})
        assert store.conversations.lines("web-1") == ()
        assert store.attachments.of("web-1") == ()


def test_down_to_nothing_and_up_again(any_store, any_url):
    any_store.close()
    before = tables(any_url)
    move(any_url, "base")
    assert tables(any_url) == {"alembic_version"}
    migrate(any_url)
    assert tables(any_url) == before


def test_escalations_work_on_every_database(any_store, ticket):
    """The room was only ever tested on SQLite before."""
    first, again = ticket(), ticket()
    assert again.reference == first.reference
    assert [ticket.reference for ticket in any_store.list()] == [first.reference]
    assert len(any_store.get(first.reference).messages) == 2
