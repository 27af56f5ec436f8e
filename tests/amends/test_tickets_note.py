"""`amends tickets note`, and what `amends tickets show` tells of notes and history."""

from contextlib import closing

import pytest
from test_tickets_command import EVIL, TAME, escalate, on_a_terminal, refused, run

from amends.settings import get_settings
from tickets.notes import NewNote
from tickets.store import TicketStore, migrate


@pytest.fixture
def store():
    url = get_settings().ticket_database_url
    migrate(url)
    with closing(TicketStore.open(url)) as opened:
        yield opened


@pytest.fixture
def reference(store):
    return escalate("m1").reference


def lines(reference, name):
    shown = [line.split("\t") for line in run("show", reference).stdout.splitlines()]
    return [line[2:] for line in shown if line[0] == name]


def test_a_note_is_on_the_ticket_and_in_its_history(reference):
    result = run(
        "note", reference.lower(), " Write to zoe@mail.example on Monday. ", "--by", "Anna"
    )
    assert (result.exit_code, result.stdout) == (0, f"Your note is on {reference}.\n")
    ((author, text),) = lines(reference, "note")
    assert author == "Anna"
    assert text.startswith("Write to ")
    assert "zoe@mail.example" not in text  # masked
    assert lines(reference, "done")[-1] == ["Anna", "noted", ""]


def test_what_was_done_is_told_in_its_order(store, reference):
    store.takeover.assign(reference, "ben", by="anna")
    store.takeover.claim(reference, "Ben", "ben")
    store.takeover.hand_back(reference, by="ben")
    assert lines(reference, "done") == [
        ["shopper", "opened", "rule person"],
        ["anna", "assigned", "to ben"],
        ["ben", "claimed", ""],
        ["ben", "handed back", ""],
    ]


def test_show_tells_whose_it_is_and_how_urgent(store, reference):
    store.takeover.claim(reference, "Ben", "ben")
    shown = run("show", reference).stdout.splitlines()
    assert "owner\tben" in shown
    assert "severity\t3" in shown


def test_a_note_steers_no_terminal(store, reference):
    store.notes.add(reference, NewNote(author="Anna", text=EVIL))
    assert lines(reference, "note") == [["Anna", TAME]]
    shown = on_a_terminal("show", reference)
    assert "note of Anna" in shown
    assert "shopper: opened (rule person)" in shown
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize(
    ("text", "by", "words"),
    [
        ("  ", "Anna", "Expected a note of 1 to 4000 characters, found 0. Write something."),
        ("x" * 4001, "Anna", "found 4001. Put it into several ones."),
        ("Called.", " ", "Expected the name of who corrects, 1 to"),
    ],
)
def test_a_note_that_says_nothing_is_refused(reference, text, by, words):
    assert words in refused(run("note", reference, text, "--by", by))
    assert lines(reference, "note") == []


@pytest.mark.usefixtures("store")
def test_a_note_on_no_ticket_is_refused():
    message = refused(run("note", "AM-XXXXXX", "Called.", "--by", "Anna"))
    assert "Expected the reference of a ticket, found 'AM-XXXXXX', which none has." in message
