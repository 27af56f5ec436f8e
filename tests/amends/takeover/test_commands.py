"""`amends tickets claim`, `reply`, `hand-back` and so on."""

import re
import subprocess
import sys

import pytest
from takeover_commands import CHAT, opened, owner, refused, run, said
from tickets_channel import KEY

from amends.settings import get_settings
from tickets.ratings import Rating

ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def test_whole_takeover_from_claim_to_rating(store, channel, reference):
    assert said(run("claim", reference.lower(), "--as", "Anna")) == (
        f"{reference} is yours, and the assistant is silent. The notice went to the screen.\n"
    )
    assert owner(store) == ("agent", "Anna")
    assert said(run("reply", reference, "I found it, it comes tomorrow.")) == (
        "Your reply went to the screen.\n"
    )
    assert said(run("hand-back", reference)).startswith(
        f"{reference} is open again, and the assistant answers."
    )
    assert owner(store) == ("bot", None)
    said(run("claim", reference, "--as", "Ben"))
    assert said(run("resolve", reference)) == (
        f"{reference} is resolved. The question for a rating went to the screen.\n"
    )
    assert owner(store) == ("bot", None)
    assert channel.kinds == ["joined", "message", "left", "joined", "left", "rating"]
    assert [push["name"] for push in channel.pushes] == ["Anna"] * 3 + ["Ben"] * 2 + [None]
    assert {push["conversation"] for push in channel.pushes} == {CHAT}
    assert all(ID.fullmatch(push["id"]) for push in channel.pushes)
    assert len(channel.on_screen) == 6
    assert channel.pushes[0]["text"] == (
        "Anna from our team is here now and answers instead of the chat assistant."
    )
    assert channel.pushes[1]["text"] == "I found it, it comes tomorrow."
    assert channel.pushes[2]["text"].startswith("Anna has left the chat, and the chat assistant")
    assert channel.pushes[-1]["id"] == reference
    assert channel.pushes[-1]["text"] == ""


def test_bot_is_silent_before_the_shopper_reads_that_a_person_came(store, channel, reference):
    owners = []
    channel.before = lambda push: owners.append((push["kind"], *owner(store)))
    run("claim", reference, "--as", "Anna")
    run("hand-back", reference)
    run("claim", reference, "--as", "Anna")
    run("resolve", reference)
    assert owners == [
        ("joined", "agent", "Anna"),
        ("left", "bot", None),
        ("joined", "agent", "Anna"),
        ("left", "bot", None),
        ("rating", "bot", None),
    ]


def test_reply_is_on_the_ticket_only_after_the_channel_took_it(store, channel, claimed):
    before = []
    channel.before = lambda push: before.append(store.conversations.lines(CHAT))
    said(run("reply", claimed, "Write to anna@example.com\nor call."))
    assert before == [()]
    (line,) = store.conversations.lines(CHAT)
    assert (line.role, line.name, line.text) == ("agent", "Anna", "Write to [email] or call.")
    assert line.message_id == channel.pushes[0]["id"]
    assert channel.pushes[0]["text"] == "Write to anna@example.com\nor call."


@pytest.mark.parametrize(
    ("screens", "words"),
    [(0, "The shopper is away and finds your reply on coming back."),
     (1, "Your reply went to the screen."), (3, "Your reply went to 3 screens.")],
)  # fmt: skip
def test_whether_the_shopper_is_there_is_told(channel, claimed, screens, words):
    channel.screens = screens
    assert said(run("reply", claimed, "Hello.")) == f"{words}\n"


def test_same_command_again_shows_the_shopper_nothing_new(channel, reference):
    for command in (["claim", reference, "--as", "Anna"], ["hand-back", reference]):
        for _ in range(2):
            said(run(*command))
    for _ in range(2):
        said(run("resolve", reference))
    assert list(channel.on_screen) == ["takeover-1-joined", "takeover-1-left", reference]


def test_shopper_who_rated_is_not_asked_again(store, channel, claimed):
    said(run("resolve", claimed))
    store.ratings.rate(Rating(conversation_id=CHAT, request_id=claimed, score=4))
    assert said(run("resolve", claimed)) == (
        f"{claimed} is resolved, and the shopper has rated it: 4 of 5.\n"
    )
    assert channel.kinds.count("rating") == 1


def test_ticket_that_no_person_had_ends_without_a_farewell(channel, reference):
    said(run("resolve", reference))
    assert channel.kinds == ["left", "rating"]
    assert channel.pushes[0]["text"].startswith("The chat assistant answers again.")


def test_release_leaves_the_shopper_waiting(store, channel, claimed):
    assert said(run("release", claimed)) == (
        f"{claimed} is nobody's, and open. The notice went to the screen.\n"
    )
    assert owner(store) == ("waiting", None)
    assert channel.pushes[-1]["kind"] == "waiting"
    assert channel.pushes[-1]["text"].startswith("Anna has left the chat. Your case stays")
    assert said(run("release", claimed)) == f"{claimed} is nobody's, and open.\n"


def test_assignment_takes_the_ticket_from_who_has_it(store, channel, claimed):
    assert said(run("assign", claimed, "--to", "ben")).startswith(
        f"{claimed} is ben's, to be claimed. The notice went"
    )
    assert (owner(store), store.get(claimed).owner) == (("waiting", None), "ben")
    assert said(run("assign", claimed, "--nobody")) == f"{claimed} is nobody's, and open.\n"
    assert store.get(claimed).owner is None


def test_assignment_to_who_has_it_changes_nothing(store, channel, claimed):
    store.takeover.claim(claimed, "Anna")
    assert said(run("assign", claimed, "--to", "Anna")).startswith(f"{claimed} is Anna's.")
    assert owner(store) == ("agent", "Anna")


@pytest.mark.parametrize("options", [[], ["--to", "ben", "--nobody"]])
def test_assignment_names_one_or_nobody(store, channel, claimed, options):
    message = refused(run("assign", claimed, *options))
    assert "Expected either --to LOGIN or --nobody. Give one of them." in message
    assert store.get(claimed).owner == "Anna"


def test_resolved_ticket_is_opened_again(store, channel, claimed):
    said(run("resolve", claimed))
    for _ in range(2):
        assert said(run("reopen", claimed)) == f"{claimed} is open.\n"
    assert store.get(claimed).status == "open"


def test_agent_with_another_ticket_there_does_not_leave(store, channel, claimed):
    said(run("claim", opened(store, "billing_and_payment"), "--as", "Anna"))
    said(run("resolve", claimed))
    assert channel.kinds == ["joined", "rating"]
    assert channel.pushes[0]["id"] == "takeover-1-joined"
    assert owner(store) == ("agent", "Anna")


@pytest.mark.parametrize("text", ["", "  \n\t", "\0"])
def test_empty_reply_is_refused(channel, claimed, text):
    assert "Expected a reply of 1 to 4000 characters, found 0. Write something." in (
        refused(run("reply", claimed, text))
    )
    assert channel.pushes == []


def test_endless_reply_is_refused_and_not_cut(channel, claimed):
    assert "found 4001. Send it in parts." in refused(run("reply", claimed, "x" * 4001))
    assert channel.pushes == []
    said(run("reply", claimed, "x" * 4000))


def test_bytes_that_are_no_text_are_replaced(channel, claimed):
    said(run("reply", claimed, "caf\udce9 \U0001f600"))
    assert channel.pushes[0]["text"] == "caf? \U0001f600"


@pytest.mark.parametrize("identifier", ["short", "x" * 65, "with blank", "\x1b[2Jabcdef"])
def test_id_outside_the_protocol_is_refused(channel, claimed, identifier):
    message = refused(run("reply", claimed, "Hello.", "--id", identifier))
    assert "Expected the id that an earlier reply was told with" in message
    assert "\x1b" not in message


def test_nobody_replies_who_has_not_claimed(channel, reference):
    message = refused(run("reply", reference, "Hello."))
    assert f"Run `amends tickets claim {reference} --as NAME`." in message
    assert channel.pushes == []


def test_second_agent_is_told_who_has_it(channel, claimed):
    message = refused(run("claim", claimed, "--as", "Ben"))
    assert f"found {claimed} with Anna. Ask Anna to run" in message
    assert channel.pushes == []


CLAIM = "import sys; from amends.cli import app; app(['tickets', 'claim', *sys.argv[1:]])"


def test_of_two_commands_at_once_one_wins(store, channel, reference):
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, reference, "--as", name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("Anna", "Ben")
    ]
    ends = [(racer.communicate(timeout=60), racer.returncode) for racer in racers]
    assert sorted(code for _, code in ends) == [0, 1]
    (error,) = [errors for (_, errors), code in ends if code == 1]
    winner = owner(store)[1]
    assert f"with {winner}. Ask {winner} to run" in error
    assert [push["name"] for push in channel.pushes] == [winner]


@pytest.mark.parametrize(
    "command",
    [["claim", "AM-X", "--as", "Anna"], ["reply", "AM-X", "Hi"], ["hand-back", "AM-X"],
     ["resolve", "AM-X"], ["release", "AM-X"], ["assign", "AM-X", "--nobody"],
     ["reopen", "AM-X"], ["retry", "AM-X"]],
)  # fmt: skip
@pytest.mark.usefixtures("store")
def test_unknown_reference_is_one_clear_line(channel, command):
    assert "Expected the reference of a ticket, found 'AM-X'" in refused(run(*command))
    assert channel.pushes == []


def test_notices_are_in_the_shops_language(channel, reference, monkeypatch):
    monkeypatch.setenv("AMENDS_LANGUAGE", "zh")
    get_settings.cache_clear()
    run("claim", reference, "--as", "{name} Wang")
    assert channel.pushes[0]["text"].startswith("客服{name} Wang来了")
    monkeypatch.setenv("AMENDS_LANGUAGE", "xx")
    get_settings.cache_clear()
    run("hand-back", reference)
    assert channel.pushes[1]["text"].startswith("{name} Wang has left the chat")


def test_key_that_run_keeps_is_used_where_none_is_set(channel, reference, monkeypatch):
    file = get_settings().state_dir / "session.key"
    file.write_text(f"{KEY}\n")
    monkeypatch.delenv("AMENDS_SESSION_KEY")
    get_settings.cache_clear()
    said(run("claim", reference, "--as", "Anna"))
    assert channel.kinds == ["joined"]


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", "0 characters"), (b"short\n", "5 characters"), (b"\xff" * 40, "UnicodeDecodeError")],
)
def test_kept_key_that_cannot_be_one_is_told(channel, claimed, monkeypatch, content, found):
    (get_settings().state_dir / "session.key").write_bytes(content)
    monkeypatch.delenv("AMENDS_SESSION_KEY")
    get_settings.cache_clear()
    message = refused(run("reply", claimed, "Hello."))
    assert f"session.key, found neither ({found}). Start Amends with `make run`" in message
    assert channel.pushes == []
