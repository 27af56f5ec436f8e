"""`amends tickets` on a real database, in a pipe and on a terminal."""

import os
import pty
import subprocess
import sys
from contextlib import closing

import pytest
from typer.testing import CliRunner

from amends.cli import app
from amends.settings import get_settings
from tickets.case import Case
from tickets.store import TicketStore, migrate
from tickets.triage import Decision, Triage

EVIL = "line one\nline\ttwo \x1b[2J\x1b]0;owned\x07 [bold]not markup[/bold] \u202egnp.exe"
TAME = "line one line two \ufffd[2J\ufffd]0;owned\ufffd [bold]not markup[/bold] \ufffdgnp.exe"


def run(*arguments):
    return CliRunner().invoke(app, ["tickets", *arguments])


def escalate(message, conversation="c1", category="delivery", text="Where is it?", **changes):
    triage = Triage(decision=Decision.ESCALATE, rule="person", detail='"want a human" (person)')
    case = Case(
        conversation_id=conversation,
        message_id=message,
        text=text,
        category=category,
        triage=triage,
        **changes,
    )
    with closing(TicketStore.open(get_settings().ticket_database_url)) as store:
        return store.escalate(case).ticket


@pytest.fixture
def _migrated():
    migrate(get_settings().ticket_database_url)


def refused(result):
    """The one line of an error, after checks that it is all there is."""
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert isinstance(result.exception, SystemExit)
    return result.stderr


def test_migrate_creates_the_database_and_may_be_repeated():
    for _ in range(2):
        result = run("migrate")
        assert (result.exit_code, result.stdout) == (0, "The ticket database is up to date.\n")
    assert run("list").exit_code == 0


@pytest.mark.usefixtures("_migrated")
def test_list_in_a_pipe_is_one_line_a_ticket_newest_first():
    first = escalate("m1")
    second = escalate("m1", "c2", "billing_and_payment", text="Charged twice")
    result = run("list")
    assert result.exit_code == 0
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert rows == [
        [
            ticket.reference,
            "open",
            ticket.category,
            f"{ticket.updated_at:%Y-%m-%d %H:%M:%S}",
            "1",
            "person",
            '"want a human" (person)',
            text,
        ]
        for ticket, text in ((second, "Charged twice"), (first, "Where is it?"))
    ]


@pytest.mark.usefixtures("_migrated")
def test_list_is_empty_in_a_pipe_when_there_is_no_ticket():
    result = run("list")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.usefixtures("_migrated")
@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (["--status", "open"], 3),
        (["--status", "OPEN"], 3),
        (["--status", "resolved"], 0),
        (["--limit", "2"], 2),
    ],
)
def test_list_can_be_narrowed(arguments, count):
    for number in range(3):
        escalate("m1", f"c{number}")
    result = run("list", *arguments)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == count


@pytest.mark.usefixtures("_migrated")
def test_show_in_a_pipe_is_one_line_a_field_and_a_message():
    escalate("m1", assessment={"polarity": "negative", "severity": 0.81, "text": "Where is it?"})
    ticket = escalate("m2", text="Hello?")
    result = run("show", ticket.reference.lower())
    assert result.exit_code == 0
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert lines[:4] == [
        ["reference", ticket.reference],
        ["status", "open"],
        ["category", "delivery"],
        ["conversation", "c1"],
    ]
    assert ["why", '"want a human" (person)'] in lines
    assert [line[2:] for line in lines if line[0] == "message"] == [
        [
            "m1",
            "person",
            '"want a human" (person)',
            "polarity negative, severity 0.81",
            "Where is it?",
        ],
        ["m2", "person", '"want a human" (person)', "not scored", "Hello?"],
    ]


@pytest.mark.usefixtures("_migrated")
def test_what_a_shopper_writes_stays_one_line_and_steers_no_terminal():
    ticket = escalate("m1", text=EVIL)
    assert run("list").stdout.splitlines()[0].split("\t")[-1] == TAME
    (line,) = [
        line for line in run("show", ticket.reference).stdout.splitlines()
        if line.startswith("message\t")
    ]  # fmt: skip
    assert line.split("\t")[-1] == TAME


@pytest.mark.usefixtures("_migrated")
@pytest.mark.parametrize("reference", ["AM-000000", "nonsense", "", "\x1b[2J"])
def test_unknown_reference_is_one_clear_line(reference):
    message = refused(run("show", reference))
    assert "Expected the reference of a ticket, found " in message
    assert message.endswith("which none has. See `amends tickets list`.\n")
    assert "\x1b" not in message


@pytest.mark.usefixtures("_migrated")
def test_bad_status_is_one_clear_line():
    assert refused(run("list", "--status", "closed")) == (
        "amends: Expected a status of open, claimed, resolved, found 'closed'. Correct --status.\n"
    )


@pytest.mark.parametrize("arguments", [["list"], ["show", "AM-K7RD4X"]])
def test_missing_database_is_one_clear_line_and_is_not_created(arguments, tmp_path):
    message = refused(run(*arguments))
    assert message.endswith("found none. Run `amends tickets migrate`.\n")
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("arguments", [["list"], ["show", "AM-K7RD4X"]])
def test_unmigrated_database_is_one_clear_line(arguments, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "tickets.db").touch()
    message = refused(run(*arguments))
    assert "at revision 0005, found an empty one. Run `amends tickets migrate`." in message


@pytest.mark.parametrize("arguments", [["list"], ["show", "AM-K7RD4X"], ["migrate"]])
def test_file_that_is_no_database_is_one_clear_line(arguments, tmp_path, monkeypatch):
    file = tmp_path / "holiday.jpg"
    file.write_bytes(b"jpeg" * 1000)
    monkeypatch.setenv("AMENDS_DATABASE_URL", f"sqlite:///{file}")
    assert "found DatabaseError: file is not a database" in refused(run(*arguments))


@pytest.mark.usefixtures("_migrated")
def test_show_names_the_words_that_carried_the_scores():
    words = [
        {"text": text, "start": start, "end": start + len(text), "polarity": 1.5, "intensity": 0.5}
        for text, start in (("broken", 0), ("a\tb", 7))
    ]
    scores = {"polarity": "negative", "evidence": {"words": words, "capitals": True}}
    ticket = escalate("m1", assessment=scores)
    escalate("m2", assessment={**scores, "evidence": None})
    lines = [line.split("\t") for line in run("show", ticket.reference).stdout.splitlines()]
    shown = [line[5] for line in lines if line[0] == "message"]
    assert shown == ['polarity negative, evidence "broken" "a b" capitals', "polarity negative"]


def test_setting_that_cannot_be_used_is_named(monkeypatch):
    monkeypatch.setenv("AMENDS_RASA_PORT", "many")
    assert "AMENDS_RASA_PORT" in refused(run("list"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], ["list", "show", "migrate"]),
        (["list", "--help"], ["newest first", "--status", "Examples: amends tickets list"]),
        (["show", "--help"], ["Example: amends tickets show AM-K7RD4X"]),
        (["migrate", "--help"], ["Safe to repeat", "AMENDS_DATABASE_URL"]),
    ],
)
def test_help_teaches(arguments, words):
    result = CliRunner(env={"COLUMNS": "120"}).invoke(app, ["tickets", *arguments])
    assert result.exit_code == 0
    flat = " ".join(result.stdout.split())
    assert all(word in flat for word in words)


def on_a_terminal(*arguments):
    """What the command prints on a real terminal, 100 columns wide."""
    terminal, screen = pty.openpty()
    program = "import sys; from amends.commands.tickets import app; app(sys.argv[1:])"
    environment = {**os.environ, "COLUMNS": "100", "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=screen, env=environment
    ) as child:
        os.close(screen)
        printed = b"".join(iter(lambda: _read(terminal), b""))
    os.close(terminal)
    assert child.returncode == 0
    return printed.decode()


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # the end of a terminal on Linux
        return b""


@pytest.mark.usefixtures("_migrated")
def test_terminal_shows_a_table_and_says_when_it_is_empty():
    assert on_a_terminal("list") == "No tickets.\r\n"
    ticket = escalate("m1", text=EVIL)
    table = on_a_terminal("list")
    assert ticket.reference in table
    assert "reference" in table
    assert "\t" not in table
    shown = on_a_terminal("show", ticket.reference)
    assert "[bold]not markup[/bold]" in shown
    assert "\x1b[2J" not in table + shown
    assert "\u202e" not in table + shown
