"""`amends tickets deliveries` and `retry`."""

import pytest
from rich.console import Console
from takeover_commands import opened, refused, run, said

from amends.commands import deliveries as command
from amends.settings import get_settings


def rows():
    return [line.split("\t") for line in said(run("deliveries")).splitlines()]


def test_everything_that_waits_is_listed_with_why(store, channel):
    reference = opened(store)
    (row,) = rows()
    assert row[:3] == [reference, "ticket.opened", "pending"]
    assert (row[4], row[6]) == ("0", "")
    assert row[7] == "Neither AMENDS_WEBHOOK_URL nor AMENDS_SMTP_URL is set."


def test_what_has_a_helpdesk_is_only_late(store, channel, monkeypatch):
    monkeypatch.setenv("AMENDS_WEBHOOK_URL", "http://127.0.0.1:9")
    get_settings.cache_clear()
    opened(store)
    assert rows()[0][7] == "Not tried yet."


def test_dead_is_listed_with_its_error_and_tried_again(store, channel):
    references = [opened(store), opened(store, "billing_and_payment")]
    for event in store.outbox.lease("ticket", 10):
        store.outbox.taken(event, "mail", ["mail", "webhook"])
        store.outbox.failed(event, "Found \x1b[2J 500.", None)
    assert [row[:3] + row[4:] for row in rows()] == [
        [reference, "ticket.opened", "dead", "1", "", "mail", "Found \ufffd[2J 500."]
        for reference in references
    ]
    told = "1 delivery is pending again; the deliveries of `amends run` try at once.\n"
    assert said(run("retry", references[0].lower())) == told
    assert said(run("retry", references[0])) == "Nothing was dead.\n"
    assert said(run("retry", "--all")) == told
    assert {row[2] for row in rows()} == {"pending"}


@pytest.mark.parametrize("arguments", [[], ["AM-K7RD4X", "--all"]])
def test_retry_names_one_ticket_or_all(store, channel, arguments):
    assert "Expected either a reference or --all. Give one of them." in (
        refused(run("retry", *arguments))
    )


def test_terminal_shows_a_table(store, channel, monkeypatch):
    reference = opened(store)
    (event,) = store.outbox.lease("ticket", 10)
    store.outbox.failed(event, "Found [bold]500[/bold].", None)
    lines = []
    monkeypatch.setattr(Console, "print", lambda self, table: lines.append(table))
    cells = [command._cells(one) for one in store.outbox.undelivered(10)]
    command._print_table(cells)
    monkeypatch.undo()
    console = Console(width=100)
    with console.capture() as shown:
        console.print(lines[0])
    assert reference in shown.get()
    assert "Found [bold]500[/bold]." in shown.get()
