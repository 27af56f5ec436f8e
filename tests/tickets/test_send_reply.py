"""An agent's reply is in the chat first and on the ticket then, once, whatever breaks."""

import sqlite3
import sys
from contextlib import closing

import pytest

from amends.settings import ROOT, Settings, get_settings
from tickets.replies import Reply, ReplyError, ReplyUncertainError, new_id, send_reply
from tickets.store import TicketStoreError

sys.path.append(str(ROOT / "tests" / "amends"))  # tickets_channel.py


@pytest.fixture
def channel(monkeypatch):
    import tickets_channel

    with tickets_channel.listening() as listening:
        monkeypatch.setenv("AMENDS_RASA_PORT", str(listening.port))
        monkeypatch.setenv("AMENDS_SESSION_KEY", tickets_channel.KEY)
        get_settings.cache_clear()
        yield listening


@pytest.fixture
def claimed(store, case) -> str:
    reference = store.escalate(case(conversation="web-1")).ticket.reference
    store.takeover.claim(reference, "Anna", "anna")
    return reference


@pytest.fixture
def said(store):
    return lambda: [
        (line.role, line.name, line.text) for line in store.conversations.lines("web-1")
    ]


def send(store, reference: str, text: str = "It is on its way.", **changes: str):
    reply = Reply(reference, text, changes.get("id", new_id()), changes.get("by", "anna"))
    return send_reply(store, get_settings(), reply, "send it again")


def test_it_is_shown_and_stored_once_however_often_it_is_sent(
    channel, store, claimed, said
) -> None:
    again = new_id()
    assert send(store, claimed, id=again).shown == 1
    send(store, claimed, id=again)
    assert [push["text"] for push in channel.on_screen.values()] == ["It is on its way."]
    assert said() == [("agent", "Anna", "It is on its way.")]


def test_personal_data_reaches_the_shopper_and_not_the_store(channel, store, claimed, said) -> None:
    send(store, claimed, "Write to jo@example.com")
    assert channel.pushes[0]["text"] == "Write to jo@example.com"
    assert "jo@example.com" not in said()[0][2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": "  \0 "}, "found 0. Write something."),
        ({"text": "x" * 4001}, "found 4001. Send it in parts."),
        ({"id": "<b>"}, "found '<b>'"),
        ({"by": "ben"}, "to be yours, found it with Anna"),
    ],
)
def test_what_cannot_be_sent_is_said_and_not_sent(
    channel, store, claimed, said, change, words
) -> None:
    with pytest.raises(ReplyError, match="Expected") as caught:
        send(store, claimed, **change)
    assert words in str(caught.value)
    assert channel.pushes == said() == []


def test_a_ticket_that_nobody_claimed_takes_no_reply(channel, store, case) -> None:
    reference = store.escalate(case(conversation="web-2")).ticket.reference
    with pytest.raises(TicketStoreError, match="that somebody has claimed"):
        send(store, reference)
    assert channel.pushes == []


def test_what_the_chat_refused_is_not_on_the_ticket(channel, store, claimed, said) -> None:
    from tickets_channel import answer

    channel.breaks.append(lambda handler: answer(handler, 400, {}))
    with pytest.raises(ReplyError, match=r"^Your reply was not sent\."):
        send(store, claimed)
    assert said() == []


def test_after_an_unknown_end_the_same_reply_is_shown_once(channel, store, claimed, said) -> None:
    from tickets_channel import hang_up

    channel.breaks += [hang_up, hang_up]
    same = new_id()
    with pytest.raises(ReplyUncertainError, match=r"Nobody knows .* send it again: .* once\."):
        send(store, claimed, id=same)
    assert said() == []
    send(store, claimed, id=same)
    assert len(said()) == len(channel.on_screen) == 1


def test_what_is_shown_and_not_stored_is_said_and_can_be_stored_later(
    channel, store, claimed, said, database
) -> None:
    same = new_id()
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # The database is busy for longer than is waited.
        with pytest.raises(ReplyUncertainError, match=r"has your reply, but it is not on the"):
            send(store, claimed, id=same)
    assert said() == []
    send(store, claimed, id=same)
    assert len(said()) == len(channel.on_screen) == 1


def test_without_a_chat_server_nothing_is_stored(store, claimed, said, tmp_path) -> None:
    settings = Settings(rasa_port=2, session_key="k" * 40, state_dir=tmp_path)
    reply = Reply(claimed, "Hello", new_id(), "anna")
    with pytest.raises(ReplyError, match="found nothing there"):
        send_reply(store, settings, reply, "send it again")
    assert said() == []
