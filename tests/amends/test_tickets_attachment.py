"""What came with a chat: `amends tickets show` lists it, `amends tickets attachment` saves it."""

from contextlib import closing
from datetime import UTC, datetime

import pytest
from test_tickets_command import EVIL, TAME, escalate, on_a_terminal, refused, run

from amends.settings import get_settings
from tickets.conversations import Line
from tickets.files import CheckedFile
from tickets.ratings import Rating
from tickets.store import TicketStore, migrate

CONTENT = bytes(range(256))
AT = datetime(2026, 5, 4, 12, 30, 5, tzinfo=UTC)


@pytest.fixture
def store():
    url = get_settings().ticket_database_url
    migrate(url)
    with closing(TicketStore.open(url)) as opened:
        yield opened


@pytest.fixture
def file(store):
    return store.attachments.add("c1", CheckedFile("parcel.jpg", "image/jpeg", CONTENT))


def chat(store, ticket, file):
    store.takeover.claim(ticket.reference, "Anna")
    for message, role, name, text, attachment in (
        ("s1", "shopper", None, EVIL, file.id),
        ("a1", "agent", "Anna", "I see it.", None),
    ):
        store.conversations.record(
            Line(
                conversation_id="c1",
                message_id=message,
                role=role,
                name=name,
                text=text,
                attachment_id=attachment,
                created_at=AT,
            )
        )


def test_show_in_a_pipe_lists_what_came_after_the_ticket(store, file):
    ticket = escalate("m1")
    chat(store, ticket, file)
    lines = [line.split("\t") for line in run("show", ticket.reference).stdout.splitlines()]
    assert ["status", "claimed"] in lines
    assert ["talking", "Anna"] in lines
    assert [line for line in lines if line[0] == "said"] == [
        ["said", "2026-05-04 12:30:05", "s1", "shopper", "", TAME, file.id],
        ["said", "2026-05-04 12:30:05", "a1", "agent", "Anna", "I see it.", ""],
    ]
    assert [line[2:] for line in lines if line[0] == "attachment"] == [
        [file.id, "parcel.jpg", "image/jpeg", "256"]
    ]


def test_show_tells_the_rating_and_that_nobody_talks_any_more(store, file):
    ticket = escalate("m1")
    chat(store, ticket, file)
    store.takeover.resolve(ticket.reference)
    store.ratings.rate(Rating(conversation_id="c1", request_id=ticket.reference, score=2))
    lines = run("show", ticket.reference).stdout.splitlines()
    assert "rating\t2 of 5" in lines
    assert not [line for line in lines if line.startswith("talking")]


def test_show_leaves_other_chats_out(store, file):
    ticket = escalate("m1", "c2")
    names = {line.split("\t")[0] for line in run("show", ticket.reference).stdout.splitlines()}
    assert not names & {"said", "attachment", "rating", "talking"}


def test_show_on_a_terminal_is_not_steered_by_what_was_said(store, file):
    ticket = escalate("m1")
    chat(store, ticket, file)
    shown = on_a_terminal("show", ticket.reference)
    assert file.id in shown
    assert "parcel.jpg (image/jpeg, 256 bytes)" in shown
    assert "agent Anna" in shown
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown


def test_attachment_is_saved_byte_for_byte(file, tmp_path):
    output = tmp_path / "saved.jpg"
    result = run("attachment", file.id, "--output", str(output))
    assert (result.exit_code, result.stdout) == (
        0,
        f"{output}: parcel.jpg, image/jpeg, 256 bytes\n",
    )
    assert output.read_bytes() == CONTENT


def test_file_of_the_agent_is_never_written_over(file, tmp_path):
    output = tmp_path / "saved.jpg"
    output.write_text("mine")
    message = refused(run("attachment", file.id, "--output", str(output)))
    assert message == (
        f"amends: --output {output}: expected a name that is free, found a file. "
        "Name another one.\n"
    )
    assert output.read_text() == "mine"


@pytest.mark.parametrize("output", ["missing/folder/a.jpg", "."])
def test_place_that_cannot_be_written_is_named(file, tmp_path, output):
    message = refused(run("attachment", file.id, "--output", str(tmp_path / output)))
    assert "--output" in message
    assert "found" in message


@pytest.mark.usefixtures("store")
def test_unknown_attachment_is_told_and_nothing_is_written(tmp_path):
    output = tmp_path / "saved.jpg"
    message = refused(run("attachment", "\x1b[2Jnone", "--output", str(output)))
    assert "Expected the id of an attachment, found '\\x1b[2Jnone', which none has." in message
    assert not output.exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("claim", ["silent from then on", "Example: amends tickets claim AM-K7RD4X --as Anna"]),
        ("reply", ["--id", "shown once", "Example: amends tickets reply"]),
        ("hand-back", ["open again", "Safe to repeat"]),
        ("resolve", ["asked once a ticket", "Safe to repeat"]),
        ("attachment", ["--output", "A PDF may still hold scripts"]),
        ("show", ["talked", "attachment", "rating"]),
    ],
)
def test_help_teaches(command, words):
    flat = " ".join(run(command, "--help").stdout.replace("│", " ").split())
    assert all(word in flat for word in words)
