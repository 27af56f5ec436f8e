"""Receivers, and events for them."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import mail_server
import pytest
import receiver as webhook_receiver
from pydantic import SecretStr
from receiver import SECRET

from tickets.delivery.webhook import WebhookConnector
from tickets.outbox import Event

EVENT = Event(
    id=7,
    reference="AM-K7RD4X",
    conversation_id="web-1",
    event="ticket.opened",
    payload={
        "reference": "AM-K7RD4X",
        "conversation_id": "web-1",
        "category": "damaged_or_defective",
        "message": {
            "message_id": "m1",
            "text": "Zerbrochen! 坏了 [email]",
            "triage": {"rule": "strong_negative", "detail": "severity 0.81 >= 0.44"},
        },
    },
    created_at=datetime(2026, 5, 4, 12, 30, tzinfo=UTC),
    sent_to=(),
    attempts=0,
    due_at=datetime(2026, 5, 4, 12, 30, tzinfo=UTC),
)


@pytest.fixture
def event():
    """Makes an event; what is not named is the same each time."""
    return lambda **changes: replace(EVENT, **changes)


@pytest.fixture
def receiver():
    with webhook_receiver.receiving() as listening:
        yield listening


@pytest.fixture
def mail():
    with mail_server.listening() as listening:
        yield listening


@pytest.fixture
def webhook(receiver):
    return WebhookConnector(receiver.url, SecretStr(SECRET), timeout_s=0.5)


@pytest.fixture
def send():
    """Sends an event as the worker does, with the connector's deadline."""

    def run(connector, event):
        async def sending():
            async with asyncio.timeout(connector.timeout_s):
                await connector.send(event)

        asyncio.run(sending())

    return run


@pytest.fixture
def rows(any_store):
    """What the outbox holds: event, delivery, connectors, attempts, error."""
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from tickets.models import OutboxRow

    def read():
        with Session(any_store._engine) as session:
            found = session.scalars(select(OutboxRow).order_by(OutboxRow.id))
            return [
                (row.event, row.delivery, row.sent_to, row.attempts, row.last_error)
                for row in found
            ]

    return read


@pytest.fixture
def set_rows(any_store):
    """Changes rows of the outbox, past the store."""
    from sqlalchemy import update

    from tickets.models import OutboxRow

    def change(*where, **values):
        with any_store._engine.execution_options(write=True).begin() as connection:
            connection.execute(update(OutboxRow).where(*where).values(**values))

    return change
