"""Ten thousand tickets: the queue and a ticket still answer in full."""

import re
from contextlib import closing
from sqlite3 import connect

from tickets.queue import PAGE_ROWS

MANY = 10_000


def test_the_queue_answers(ada, store, opened, desk):
    first = opened("web-0")
    file = desk.settings.state_dir / "tickets.db"
    with closing(connect(file)) as database, database:
        database.execute(
            f"""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY - 1})
            INSERT INTO tickets (reference, conversation_id, category, status, rule, detail,
                                 severity, created_at, updated_at, waiting_since)
            SELECT 'AM-' || printf('%06d', i), 'bulk-' || i, category, 'open', rule, detail,
                   severity + i % 7, created_at, updated_at, waiting_since
            FROM n, tickets WHERE reference = '{first}'"""
        )
        database.execute(
            """INSERT INTO ticket_messages
            (ticket_id, conversation_id, message_id, text, assessment, triage, created_at)
            SELECT tickets.id, tickets.conversation_id, 'm1', 'parcel ' || tickets.id, NULL,
                   (SELECT triage FROM ticket_messages LIMIT 1), tickets.created_at
            FROM tickets WHERE conversation_id LIKE 'bulk-%'"""
        )
    page = ada.page()
    assert f"{MANY} tickets, page 1 of {MANY // PAGE_ROWS}" in page
    assert len(re.findall("data-reference", page)) == PAGE_ROWS
    last = ada.page(page=MANY // PAGE_ROWS)
    assert len(re.findall("data-reference", last)) == PAGE_ROWS
    assert "1 ticket<" in ada.page(text="AM-009999")
    assert first in ada.page(f"/tickets/{first}")
