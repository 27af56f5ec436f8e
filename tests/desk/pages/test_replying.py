"""What an agent writes: to the shopper once, and to other agents."""

import json

import pytest
from tickets_channel import answer as channel_answer
from tickets_channel import hang_up

ID = "reply-0123456789abcdef"


@pytest.fixture
def mine(channel, ada, store, opened):
    reference = opened()
    store.takeover.claim(reference, "Ada", "ada")
    return reference


def test_a_reply_is_shown_stored_and_the_box_is_told(channel, mine, ada, store):
    answer = ada.do(f"/tickets/{mine}/reply", text="I look <now>", id=ID)
    assert answer.status_code == 200
    assert "Sent." in answer.text
    assert "I look &lt;now&gt;" in answer.text
    told = json.loads(answer.headers["hx-trigger"])["reply-sent"]
    assert told["id"] != ID
    assert channel.pushes[-1]["text"] == "I look <now>"
    (line,) = store.conversations.lines("web-1")
    assert (line.role, line.name, line.message_id) == ("agent", "Ada", ID)


def test_the_same_id_is_one_reply(channel, mine, ada, store):
    for _ in range(2):
        assert ada.do(f"/tickets/{mine}/reply", text="Hello", id=ID).status_code == 200
    assert len(channel.on_screen) == len(store.conversations.lines("web-1")) == 1


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        ([lambda handler: channel_answer(handler, 400, {})], "Your reply was not sent."),
        ([hang_up, hang_up], "Nobody knows whether your reply arrived."),
    ],
)
def test_a_reply_that_failed_says_so_keeps_its_id_and_can_be_sent_again(
    channel, mine, ada, store, breaks, words
):
    channel.breaks += breaks
    failed = ada.do(f"/tickets/{mine}/reply", text="Hello", id=ID)
    assert failed.status_code == 409
    assert words in failed.text
    assert "hx-trigger" not in failed.headers, "the box would be emptied"
    assert store.conversations.lines("web-1") == ()
    assert ada.do(f"/tickets/{mine}/reply", text="Hello", id=ID).status_code == 200
    assert len(channel.on_screen) == len(store.conversations.lines("web-1")) == 1


@pytest.mark.parametrize(
    ("login", "text", "words"),
    [
        ("ben", "Hello", "to be yours, found it with Ada"),
        ("ada", "  ", "found 0. Write something."),
        ("ada", "x" * 4001, "Send it in parts."),
    ],
    ids=["another agent's", "empty", "too long"],
)
def test_what_cannot_be_sent_is_said(channel, mine, hand, login, text, words):
    answer = hand(login).do(f"/tickets/{mine}/reply", text=text, id=ID)
    assert answer.status_code == 409
    assert words in answer.text
    assert channel.pushes == []


def test_before_the_claim_nothing_is_sent(channel, ada, opened):
    answer = ada.do(f"/tickets/{opened()}/reply", text="Hello", id=ID)
    assert answer.status_code == 409
    assert "Expected a ticket that somebody has claimed" in answer.text
    assert "amends tickets" not in answer.text
    assert channel.pushes == []


def test_a_note_is_for_agents_alone(channel, mine, ada, store):
    answer = ada.do(f"/tickets/{mine}/notes", text="Ask jo@example.com <b>")
    assert answer.status_code == 200
    assert answer.headers["hx-trigger"] == "note-kept"
    (note,) = store.notes.of(mine)
    assert note.author == "ada"
    assert "jo@example.com" not in note.text
    assert "&lt;b&gt;" in answer.text
    assert channel.pushes == []
    assert ada.do(f"/tickets/{mine}/notes", text=" \n ").status_code == 409
    assert len(store.notes.of(mine)) == 1
