"""What a shopper's own tickets are, on SQLite and on PostgreSQL."""

import pytest


def waits_since(store, reference, seconds):
    from sqlalchemy import text

    with store._engine.execution_options(write=True).begin() as connection:
        connection.execute(
            text("UPDATE tickets SET waiting_since = :at WHERE reference = :reference"),
            {"at": seconds, "reference": reference},
        )


def test_open_ones_come_first_and_nobody_elses(any_store, ticket):
    old, new, closed = ticket(), ticket(category="billing"), ticket(category="other")
    ticket("web-2")
    any_store.takeover.resolve(closed.reference)
    found = [one.reference for one in any_store.cases.of("web-1")]
    assert found == [new.reference, old.reference, closed.reference]
    assert any_store.cases.active("web-1").reference == new.reference


@pytest.mark.parametrize("resolved", [True, False])
def test_without_an_open_one_there_is_no_active_one(any_store, ticket, resolved):
    if resolved:
        any_store.takeover.resolve(ticket().reference)
    assert any_store.cases.active("web-1") is None


def test_who_waited_longer_is_counted_once_each(any_store, ticket):
    ours = ticket("web-1")
    for number, chat in enumerate(("web-2", "web-2", "web-3", "web-4", "web-5")):
        other = ticket(chat, f"category {number}")
        waits_since(any_store, other.reference, 500.0 + number)
    waits_since(any_store, ours.reference, 503.5)
    any_store.takeover.claim(any_store.cases.active("web-3").reference, "Anna")
    # Twice web-2, once web-4; web-3 waits no more, web-5 came later.
    assert any_store.cases.before("web-1") == 2
    assert any_store.cases.before("web-2") == 0


def test_who_does_not_wait_has_nobody_before_them(any_store, ticket):
    ticket("web-2")
    assert any_store.cases.before("web-1") == 0
