"""`amends shopper` and `amends tickets purge`, with a channel that is there, fails, or is not."""

import base64
import json
import time
from contextlib import closing

import pytest
import record_channel
from record_channel import KEY
from sqlalchemy import text
from test_tickets_command import escalate
from typer.testing import CliRunner

from amends.cli import app
from amends.settings import get_settings
from tickets.files import CheckedFile
from tickets.shopper import conversation_of
from tickets.store import TicketStore, migrate

CUSTOMER = "4711"
WHOM = conversation_of(CUSTOMER)
EVENT = {"event": "user", "text": "Where is it?", "timestamp": 1000.0}


@pytest.fixture
def channel(monkeypatch):
    with record_channel.listening() as listening:
        monkeypatch.setenv("AMENDS_RASA_PORT", str(listening.port))
        monkeypatch.setenv("AMENDS_SESSION_KEY", KEY)
        # A proxy for the web must not be asked for a server on this machine.
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        get_settings.cache_clear()
        listening.records = {WHOM: [EVENT] * 2, "web-other": [EVENT]}
        yield listening


@pytest.fixture
def store(channel):
    url = get_settings().ticket_database_url
    migrate(url)
    with closing(TicketStore.open(url)) as opened:
        yield opened


@pytest.fixture
def shopper(store):
    """A shopper with a ticket and a file, beside another one."""
    escalate("m1", "web-other")
    store.attachments.add(WHOM, CheckedFile("a.pdf", "application/pdf", b"content"))
    return escalate("m1", WHOM)


def run(*arguments, typed=None):
    return CliRunner().invoke(app, arguments, input=typed)


def failed(result):
    """The one line of an error."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    return result.stderr.splitlines()[-1]


def left(store, channel):
    """Conversations that tickets and the channel know."""
    return {ticket.conversation_id for ticket in store.list()}, set(channel.records)


@pytest.mark.parametrize("whom", [[WHOM], ["--customer", CUSTOMER]])
def test_export_writes_all_of_one_shopper(shopper, channel, tmp_path, whom):
    file = tmp_path / "shopper.json"
    result = run("shopper", "export", *whom, "--output", str(file))
    assert (result.exit_code, result.stdout) == (
        0,
        f"{file}: 1 ticket, 1 attachment, 2 events of the assistant's record.\n",
    )
    written = json.loads(file.read_text("utf-8"))
    assert written["conversation_id"] == WHOM
    assert [ticket["reference"] for ticket in written["tickets"]] == [shopper.reference]
    assert base64.b64decode(written["attachments"][0]["content"]) == b"content"
    assert written["assistant"] == {"events": [EVENT] * 2, "kept": []}
    assert "web-other" not in file.read_text("utf-8")


def test_export_of_nobody_is_said(store, tmp_path):
    file = tmp_path / "shopper.json"
    result = run("shopper", "export", "web-9", "--output", str(file))
    assert result.stdout == f"{file}: nothing is stored of them.\n"
    assert json.loads(file.read_text("utf-8"))["tickets"] == []


def test_export_without_the_assistant_is_refused_unless_it_is_asked_for(shopper, channel, tmp_path):
    channel.status = 503
    file = tmp_path / "shopper.json"
    command = ("shopper", "export", WHOM, "--output", str(file))
    assert failed(run(*command)) == (
        "amends: Nothing was written, because the assistant's own record is part of it. Expected "
        f"the assistant at http://127.0.0.1:{channel.port} to do it, found HTTP 503. Its database "
        "is down, or the shopper is writing at this moment: see its log. Or leave it out with "
        "--without-assistant."
    )
    assert not file.exists()
    assert run(*command, "--without-assistant").exit_code == 0
    assert "assistant" not in json.loads(file.read_text("utf-8"))


@pytest.mark.parametrize("whom", [[WHOM], ["--customer", CUSTOMER]])
def test_delete_asks_for_the_id_and_deletes_all_of_one_shopper(shopper, store, channel, whom):
    result = run("shopper", "delete", *whom, typed=f"{WHOM}\n")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].endswith(
        f"Deleted of {WHOM}: 1 ticket, 1 message on tickets, 1 attachment, "
        "2 events of the assistant's record."
    )
    assert left(store, channel) == ({"web-other"}, {"web-other"})


@pytest.mark.parametrize("typed", ["", "\n", "y\n", "web-other\n"])
def test_nothing_is_deleted_unless_the_id_is_typed(shopper, store, channel, typed):
    before = left(store, channel)
    result = run("shopper", "delete", WHOM, typed=typed)
    assert result.exit_code == 1
    assert left(store, channel) == before
    if typed:
        found = typed.strip()
        assert failed(result) == f"amends: Expected {WHOM}, found {found!r}. Nothing was deleted."


def test_deleting_again_finds_nothing(shopper, store, channel):
    assert run("shopper", "delete", WHOM, "--yes").exit_code == 0
    result = run("shopper", "delete", WHOM, "--yes")
    assert (result.exit_code, result.stdout) == (0, f"Of {WHOM} nothing was found here.\n")


def test_where_the_assistant_is_down_the_rest_is_done_and_what_is_left_is_said(
    shopper, store, channel
):
    channel.status = 503
    result = run("shopper", "delete", WHOM, "--yes")
    assert result.stdout == (f"Deleted of {WHOM}: 1 ticket, 1 message on tickets, 1 attachment.\n")
    assert failed(result).startswith(
        f"amends: What the assistant itself keeps of {WHOM} is still there. Expected the assistant"
    )
    assert failed(result).endswith("Then run this command again.")
    assert left(store, channel) == ({"web-other"}, {WHOM, "web-other"})
    channel.status = 200
    again = run("shopper", "delete", WHOM, "--yes")
    assert again.stdout == f"Deleted of {WHOM}: 2 events of the assistant's record.\n"
    assert left(store, channel) == ({"web-other"}, {"web-other"})


def test_an_assistant_that_does_not_run_is_said(shopper, store, channel, monkeypatch):
    monkeypatch.setenv("AMENDS_RASA_PORT", "2")
    get_settings.cache_clear()
    words = failed(run("shopper", "delete", WHOM, "--yes"))
    assert "http://127.0.0.1:2, found no answer (ConnectError). Start it with `make run`." in words


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, None, "HTTP 401. Set the same AMENDS_SESSION_KEY here and there, and check both"),
        (404, None, "HTTP 404. Is the web channel left out of credentials.yml?"),
        (418, None, "HTTP 418. See its log."),
        (200, b"<html>", "found something else. Is another program on this port?"),
        (200, b"[]", "found something else. Is another program on this port?"),
        (200, b'{"events": true, "kept": 0, "tabs": 0}', "found something else."),
    ],
)
def test_each_refusal_says_what_to_do(shopper, channel, status, body, words):
    channel.status, channel.body = status, body
    assert words in failed(run("shopper", "delete", WHOM, "--yes"))


@pytest.mark.parametrize("command", [("delete", "--yes"), ("export", "--output", "x.json")])
@pytest.mark.parametrize(
    ("whom", "words"),
    [
        ([], "Expected a conversation or --customer, found neither."),
        ([WHOM, "--customer", "1"], "Expected a conversation or --customer, found both."),
        ([""], "Expected an id of 1 to 255 printable characters, found ''."),
        (["x" * 256], "Expected an id of 1 to 255 printable characters, found 'xxx"),
        (["a\nb"], r"Expected an id of 1 to 255 printable characters, found 'a\nb'."),
        (["--customer", ""], "Expected an id of 1 to 255 printable characters, found ''."),
    ],
)
def test_whom_it_is_about_must_be_said(store, command, whom, words):
    assert failed(run("shopper", *command, *whom)).startswith(f"amends: {words}")


def resolve_long_ago(store, reference):
    store.takeover.resolve(reference)
    with store._engine.execution_options(write=True).begin() as connection:
        connection.execute(
            text(
                "UPDATE tickets SET resolved_at = '2020-01-01 00:00:00.000000' WHERE reference = :r"
            ),
            {"r": reference},
        )


def test_purge_deletes_what_is_old_here_and_there(shopper, store, channel):
    resolve_long_ago(store, shopper.reference)
    channel.records["web-other"] = [{**EVENT, "timestamp": time.time()}]
    command = ("tickets", "purge", "--days", "30")
    dry = run(*command, "--dry-run")
    assert dry.exit_code == 0
    assert dry.stdout.endswith(": 1 ticket, 1 message on tickets. Nothing was deleted.\n")
    assert left(store, channel) == ({WHOM, "web-other"}, {WHOM, "web-other"})
    done = run(*command).stdout.splitlines()
    assert done[0].startswith("Deleted what is older than 20")
    assert done[0].endswith(": 1 ticket, 1 message on tickets.")
    assert done[1] == (
        "Deleted of chats that ended before then: 2 events of the assistant's record."
    )
    assert left(store, channel) == ({"web-other"}, {"web-other"})
    assert [line.rpartition(": ")[2] for line in run(*command).stdout.splitlines()] == [
        "nothing.",
        "nothing.",
    ]


def test_purge_takes_the_days_of_the_settings(shopper, store, channel, monkeypatch):
    assert failed(run("tickets", "purge")) == (
        "amends: Expected how many days tickets are kept, found none. Set AMENDS_RETENTION_DAYS, "
        "or say it with --days."
    )
    resolve_long_ago(store, shopper.reference)
    monkeypatch.setenv("AMENDS_RETENTION_DAYS", "365")
    get_settings.cache_clear()
    assert "1 ticket" in run("tickets", "purge").stdout


def test_purge_says_what_is_left_where_the_assistant_is_down(shopper, store, channel):
    resolve_long_ago(store, shopper.reference)
    channel.status = 503
    result = run("tickets", "purge", "--days", "30")
    assert "1 ticket" in result.stdout
    assert failed(result).startswith(
        "amends: The assistant's own record of old chats is still there. Expected the assistant"
    )
    assert left(store, channel)[0] == {"web-other"}


@pytest.mark.parametrize("days", ["0", "-1", "40000", "a"])
def test_purge_of_no_number_of_days_is_refused(store, days):
    assert run("tickets", "purge", "--days", days).exit_code == 2
