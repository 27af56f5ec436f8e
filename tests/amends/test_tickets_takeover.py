"""`amends tickets claim`, `reply`, `hand-back` and `resolve`, with a channel that breaks."""

import json
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import jwt
import pytest
import tickets_channel
from tickets_channel import KEY, answer, hang_up
from typer.testing import CliRunner

from amends.channel_client import Push, PushUnknownError, push
from amends.cli import app
from amends.settings import get_settings
from tickets.case import Case, Status
from tickets.ratings import Rating
from tickets.store import TicketStore, migrate
from tickets.triage import Decision, Triage

CHAT = "web-0123456789abcdef0123456789abcdef"
ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


@pytest.fixture
def channel(monkeypatch):
    with tickets_channel.listening() as listening:
        monkeypatch.setenv("AMENDS_RASA_PORT", str(listening.port))
        monkeypatch.setenv("AMENDS_SESSION_KEY", KEY)
        # A proxy for the web must not be asked for a server on this machine.
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        get_settings.cache_clear()
        yield listening


@pytest.fixture
def store(channel):
    url = get_settings().ticket_database_url
    migrate(url)
    with closing(TicketStore.open(url)) as opened:
        yield opened


def opened(store, category="delivery"):
    case = Case(
        conversation_id=CHAT,
        message_id=f"about {category}",
        text="Where is it?",
        category=category,
        triage=Triage(decision=Decision.ESCALATE, rule="person", detail="asked"),
    )
    return store.escalate(case).ticket.reference


@pytest.fixture
def reference(store):
    return opened(store)


@pytest.fixture
def claimed(store, reference):
    store.takeover.claim(reference, "Anna")
    return reference


def run(*arguments):
    return CliRunner().invoke(app, ["tickets", *arguments])


def said(result):
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def refused(result):
    """The one line of an error, after checks that it is all there is: nothing was told as done."""
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert isinstance(result.exception, SystemExit)
    return result.stderr


def owner(store):
    found = store.conversations.owner(CHAT)
    return found.talking, found.agent


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


def down(_, monkeypatch, free_port):
    monkeypatch.setenv("AMENDS_RASA_PORT", str(free_port()))
    get_settings.cache_clear()


def answers(status, body):
    def breaking(channel, *_):
        channel.breaks = [lambda handler: answer(handler, status, body)] * 4

    return breaking


def hangs_up(channel, *_):
    channel.breaks = [hang_up] * 4


def other_key(_, monkeypatch, __):
    monkeypatch.setenv("AMENDS_SESSION_KEY", "another key of forty letters and digits 1")
    get_settings.cache_clear()


def no_key(_, monkeypatch, __):
    monkeypatch.delenv("AMENDS_SESSION_KEY")
    get_settings.cache_clear()


FAULTS = {
    "down": (down, "found nothing there", False),
    "500": (answers(500, {"words": "\x1b[2Jbroken"}), "found HTTP 500 ([2Jbroken)", False),
    "503": (answers(503, {"code": "unavailable", "words": "Later."}), "HTTP 503 (Later.)", False),
    "404": (answers(404, {}), "Is it left out of credentials.yml?", False),
    "400": (answers(400, {"code": "bad_message"}), "shoppers who write in the widget", False),
    "html": (answers(502, b"<html>"), "found HTTP 502.", False),
    "other key": (other_key, "Set the same AMENDS_SESSION_KEY here and there", False),
    "no key": (no_key, "Expected AMENDS_SESSION_KEY, or the key that `amends run` keeps", False),
    "hangs up": (hangs_up, "found none (RemoteProtocolError)", True),
    "bad json": (answers(200, b"{"), "Is another program on this port?", True),
    "empty": (answers(200, b""), "Is another program on this port?", True),
    "a list": (answers(200, []), "Is another program on this port?", True),
    "no number": (answers(200, {"shown": True}), "Is another program on this port?", True),
}


@pytest.fixture(params=FAULTS)
def fault(request, channel, monkeypatch, free_port):
    """Breaks the channel when it is called; tells what the error says, and whether it is unsure."""
    breaks, words, unsure = FAULTS[request.param]

    def start():
        breaks(channel, monkeypatch, free_port)
        return words, unsure

    return start


def test_claim_that_the_shopper_was_not_told_of_is_a_claim_all_the_same(
    store, channel, reference, fault
):
    words, unsure = fault()
    message = refused(run("claim", reference, "--as", "Anna"))
    told = "not told that you joined" + (" for sure" if unsure else "")
    assert f"{reference} is yours, and the assistant is silent, but the shopper was {told}. " in (
        message
    )
    assert words in message
    assert "\x1b" not in message
    assert message.endswith("Then run this command again; it changes nothing else.\n")
    assert owner(store) == ("agent", "Anna")
    assert channel.pushes == []


def test_reply_that_was_not_sent_is_nowhere(store, channel, claimed, fault):
    words, unsure = fault()
    message = refused(run("reply", claimed, "Hello."))
    assert words in message
    if unsure:
        assert "Nobody knows whether your reply arrived." in message
        assert re.search(r"again with --id reply-[0-9a-f]{32}: the shopper sees it once", message)
    else:
        assert "Your reply was not sent." in message
    assert store.conversations.lines(CHAT) == ()
    assert channel.pushes == []


def test_hand_back_that_the_shopper_was_not_told_of_is_one_all_the_same(
    store, channel, claimed, fault
):
    words, _ = fault()
    message = refused(run("hand-back", claimed))
    assert f"{claimed} is open again, and the assistant answers, but the shopper was not" in message
    assert words in message
    assert owner(store) == ("bot", None)


def test_resolution_that_the_shopper_was_not_told_of_is_one_all_the_same(
    store, channel, claimed, fault
):
    words, _ = fault()
    message = refused(run("resolve", claimed))
    assert f"{claimed} is resolved, but the shopper was not told that you left" in message
    assert words in message
    assert store.get(claimed).status is Status.RESOLVED
    assert channel.pushes == []


def test_what_failed_is_made_good_by_running_it_again(store, channel, reference):
    fails = [lambda handler: answer(handler, 503, {})]
    for command in (["claim", reference, "--as", "Anna"], ["hand-back", reference]):
        channel.breaks = list(fails)
        refused(run(*command))
        said(run(*command))
    said(run("claim", reference, "--as", "Anna"))
    channel.breaks = list(fails)
    refused(run("resolve", reference))
    said(run("resolve", reference))
    assert channel.kinds == ["joined", "left", "joined", "left", "rating"]
    assert len(channel.on_screen) == 5
    assert channel.pushes[1]["text"].startswith("Our colleague has left the chat")


def test_rating_that_was_not_asked_for_is_asked_for_the_next_time(store, channel, claimed):
    channel.breaks = [lambda _: False, lambda handler: answer(handler, 503, {})]
    message = refused(run("resolve", claimed))
    assert f"{claimed} is resolved, but the shopper was not asked for a rating. " in message
    said(run("resolve", claimed))
    assert list(channel.on_screen) == ["takeover-1-left", claimed]


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
    assert channel.kinds == ["rating"]


def test_agent_with_another_ticket_there_does_not_leave(store, channel, claimed):
    said(run("claim", opened(store, "billing_and_payment"), "--as", "Anna"))
    said(run("resolve", claimed))
    assert channel.kinds == ["joined", "rating"]
    assert channel.pushes[0]["id"] == "takeover-1-joined"
    assert owner(store) == ("agent", "Anna")


def test_answer_that_got_lost_is_asked_for_once_more_and_shown_once(store, channel, claimed):
    def take_and_hang_up(handler):
        channel.pushes.append({"id": "taken"})
        return True

    channel.breaks = [take_and_hang_up]
    said(run("reply", claimed, "Hello."))
    assert len(channel.pushes) == 2
    assert len(store.conversations.lines(CHAT)) == 1


def test_reply_whose_end_nobody_knows_is_repeated_with_its_id(store, channel, claimed):
    channel.breaks = [hang_up] * 2
    message = refused(run("reply", claimed, "Hello."))
    identifier = re.search(r"--id (\S+):", message)[1]
    for _ in range(2):
        said(run("reply", claimed, "Hello.", "--id", identifier))
    assert list(channel.on_screen) == [identifier]
    assert len(store.conversations.lines(CHAT)) == 1


def test_reply_that_cannot_be_stored_is_told_as_sent(store, channel, claimed):
    url = get_settings().state_dir / "tickets.db"
    with closing(sqlite3.connect(url, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        message = refused(run("reply", claimed, "Hello."))
    assert "The shopper has your reply, but it is not on the ticket." in message
    identifier = re.search(r"--id (\S+):", message)[1]
    assert list(channel.on_screen) == [identifier]
    said(run("reply", claimed, "Hello.", "--id", identifier))
    assert [line.message_id for line in store.conversations.lines(CHAT)] == [identifier]


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
     ["resolve", "AM-X"]],
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


def test_token_is_good_for_a_minute_and_for_the_channel_alone(channel, store, monkeypatch):
    seen = []
    check = tickets_channel.check_service_token
    monkeypatch.setattr(
        tickets_channel, "check_service_token", lambda h, k: (seen.append(h), check(h, k))
    )
    assert push(Push(CHAT, "message-1", "message", "Hi"), get_settings()) == 1
    claims = jwt.decode(seen[0].removeprefix("Bearer "), KEY, ["HS256"], audience="amends-service")
    assert claims["sub"] == "amends"
    assert claims["exp"] - time.time() == pytest.approx(60, abs=5)


def test_hang_ends_at_the_deadline(channel, store):
    channel.before = lambda _: time.sleep(1.5)
    with pytest.raises(PushUnknownError, match=r"within 0\.3 seconds, found none \(ReadTimeout\)"):
        push(Push(CHAT, "message-1", "message", "Hi"), get_settings(), timeout_s=0.3)


def test_body_is_the_protocols(channel, store):
    push(Push(CHAT, "message-1", "message", "Hi", "Anna"), get_settings())
    assert json.loads(json.dumps(channel.pushes)) == [
        {"conversation": CHAT, "id": "message-1", "kind": "message", "text": "Hi", "name": "Anna"}
    ]
