"""`python -m tickets.delivery`, as `amends run` starts it."""

import os
import signal
import subprocess
import sys
import time

import pytest
from receiver import SECRET, hangs
from working import until


@pytest.fixture
def start(any_url, tmp_path):
    """Starts it, with settings of the test."""
    started = []

    def run(**settings):
        named = {f"AMENDS_{name.upper()}": value for name, value in settings.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "tickets.delivery"],
            env={**os.environ, "AMENDS_DATABASE_URL": any_url, **named},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def test_it_says_when_it_works_delivers_and_ends_when_asked(
    any_store, ticket, rows, start, receiver, mail
):
    process = start(
        webhook_url=receiver.url,
        webhook_secret=SECRET,
        smtp_url=f"smtp://127.0.0.1:{mail.port}",
        mail_from="amends@shop.example",
        mail_to="support@shop.example",
        desk_url="https://desk.shop.example",
    )
    assert process.stdout.readline() == "Delivering to chat, webhook, mail.\n"
    reference = ticket().reference
    until(lambda: rows()[0][1] == "sent")
    assert receiver.taken[0][1]["data"]["reference"] == reference
    assert f"https://desk.shop.example/tickets/{reference}" in mail.taken[0].get_content()
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_gives_back_what_a_helpdesk_that_hangs_does_not_take(
    any_store, ticket, rows, start, receiver, number
):
    receiver.always = lambda handler: [hangs(handler) for _ in range(10)]
    process = start(webhook_url=receiver.url, webhook_secret=SECRET)
    process.stdout.readline()
    ticket()
    until(lambda: receiver.asked)
    started = time.monotonic()
    process.send_signal(number)
    process.communicate(timeout=20)
    assert time.monotonic() - started < 7, "`amends run` would have killed it"
    assert process.returncode == 0
    assert rows() == [("ticket.opened", "pending", [], 0, None)]
    assert len(any_store.outbox.lease("ticket", 10)) == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"webhook_url": "https://x.example"}, "AMENDS_WEBHOOK_SECRET: expected a secret"),
        ({"smtp_url": "smtp://x.example"}, "AMENDS_MAIL_FROM: expected an address"),
        (
            {"smtp_url": "smtp://x.example", "mail_from": "a@b.example"},
            "AMENDS_MAIL_TO: expected an address",
        ),
        (
            {"smtp_url": "smtp://n:secret@x", "mail_from": "a@b.example\nBcc: c@d"},
            "AMENDS_MAIL_FROM: expected an address",
        ),
        ({"database_url": "sqlite:////nowhere/tickets.db"}, "Expected a ticket database at"),
    ],
)  # fmt: skip
def test_what_is_set_in_part_is_told_by_name(any_store, start, settings, words):
    process = start(**settings)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (1, "")
    assert errors.startswith(f"amends: {words}")
    assert errors.count("\n") == 1
    assert "secret@" not in errors
