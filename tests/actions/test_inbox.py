"""What `POST /inbox` does with the words of a shopper who waits for a person, or has one."""

import sqlite3
import time
from contextlib import closing
from itertools import count

import pytest
import web_server

from tickets.case import Case
from tickets.triage import Decision, Triage

NUMBERS = count(1)
ANGRY = "You lost it AGAIN, this is the worst shop I have ever dealt with, I am furious!"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    # Time enough for a machine that others work on: it is the model that scores, not the lexicon.
    settings = {"AMENDS_ASSESS_DEADLINE_S": "20", "AMENDS_OPENING_HOURS": "24/7 off"}
    with web_server.running(tmp_path_factory.mktemp("inbox"), **settings) as running:
        running.warm_up()
        yield running


@pytest.fixture
def store(server):
    with closing(server.store()) as opened:
        yield opened


@pytest.fixture
def chat():
    return f"web-{next(NUMBERS):032x}"


@pytest.fixture
def reference(store, chat):
    """The ticket of a shopper who waits."""
    triage = Triage(decision=Decision.ESCALATE, rule="strong_negative", detail="severity 0.8")
    case = Case(
        conversation_id=chat, message_id="opening", text="Where is it?", category="delivery",
        triage=triage,
    )  # fmt: skip
    return store.escalate(case).ticket.reference


def says(server, chat, text, identifier=None, status=200, **more):
    body = {
        "conversation": chat, "id": identifier or f"message-{next(NUMBERS)}", "role": "shopper",
        "name": None, "text": text, "attachment": None, "at": time.time(), **more,
    }  # fmt: skip
    response = server.post("/inbox", json=body)
    assert response.status_code == status, response.text
    return response.json()


def line_of(store, chat, identifier):
    return next(one for one in store.conversations.lines(chat) if one.message_id == identifier)


def test_who_waits_reads_one_notice_a_wait(server, store, chat, reference):
    first = says(server, chat, "hello?")
    assert first["new"] is True
    assert first["notice"]["id"] == "wait-1-notice"
    assert "Our team is not there at the moment." in first["notice"]["text"]
    assert says(server, chat, "anybody there?") == {"new": True}
    store.takeover.claim(reference, "Anna")
    assert says(server, chat, "hi Anna") == {"new": True}
    store.takeover.release(reference)
    assert says(server, chat, "and now?")["notice"]["id"] == "wait-2-notice"
    roles = [line.role for line in store.conversations.lines(chat)]
    assert (roles.count("notice"), roles.count("shopper")) == (2, 4)


def test_a_message_that_comes_again_brings_its_notice_again(server, chat, reference):
    first = says(server, chat, "hello?", "message-again")
    again = says(server, chat, "hello?", "message-again")
    assert again == {"new": False, "notice": first["notice"]}


def test_words_of_who_waits_are_scored_and_repeats_raise_the_severity(
    server, store, chat, reference
):
    before = store.get(reference)
    says(server, chat, ANGRY, "message-angry")
    says(server, chat, ANGRY, "message-angry")
    says(server, chat, "it was the blue one", "message-calm")
    ticket = store.get(reference)
    assert [message.message_id for message in ticket.messages] == ["opening", "message-angry"]
    assert ticket.severity > before.severity
    assert ticket.messages[1].assessment["polarity"] == "negative"
    assert len(store.cases.of(chat)) == 1
    for identifier in ("message-angry", "message-calm"):
        assert line_of(store, chat, identifier).assessment["intensity"]


def test_words_to_a_person_are_scored_soon_after_and_not_triaged(server, store, chat, reference):
    store.takeover.claim(reference, "Anna")
    assert says(server, chat, ANGRY, "message-angry") == {"new": True}
    end = time.monotonic() + 20
    while line_of(store, chat, "message-angry").assessment is None:
        assert time.monotonic() < end, "never scored"
        time.sleep(0.1)
    assert len(store.get(reference).messages) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [("the charger caught fire", "emergency"), ("I want to kill myself", "local emergency number")],
)
def test_in_danger_the_words_are_said_and_the_ticket_is_first(
    server, store, chat, reference, text, words
):
    told = says(server, chat, text, "x" * 64)["notice"]
    assert words in told["text"]
    assert reference in told["text"]
    assert 8 <= len(told["id"]) <= 64
    assert store.get(reference).severity >= 20
    assert says(server, chat, text, "x" * 64)["notice"]["id"] == told["id"]
    assert says(server, chat, "hello?")["notice"]["id"] == "wait-1-notice"


def test_in_danger_something_is_said_although_nothing_can_be_written(server, chat, reference):
    with closing(sqlite3.connect(server.state / "tickets.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        calm = says(server, chat, "hello?", status=503)
        danger = says(server, chat, "the charger caught fire", "message-fire", status=503)
    assert set(calm) == {"code", "words"}
    assert danger["code"] == "unavailable"
    assert "emergency" in danger["notice"]["text"]
    assert reference not in danger["notice"]["text"]
    # Given again, as the channel does, it is told that it arrived.
    arrived = says(server, chat, "the charger caught fire", "message-fire")
    assert reference in arrived["notice"]["text"]
    assert arrived["notice"]["id"] != danger["notice"]["id"]


def test_who_asks_for_the_assistant_has_it_and_is_told_by_the_outbox(
    server, store, chat, reference
):
    assert says(server, chat, "Assistant please!") == {"new": True}
    assert store.conversations.owner(chat).talking == "bot"
    assert store.get(reference).status == "open"
    with closing(sqlite3.connect(server.state / "tickets.db")) as database:
        query = "SELECT payload FROM outbox WHERE event = 'chat.left' ORDER BY id DESC LIMIT 1"
        ((payload,),) = database.execute(query).fetchall()
    assert '"words": "back"' in payload


def test_name_of_an_identified_shopper_is_kept(server, chat, reference):
    says(server, chat, "hello?", name="Zo\u00eb")
    with closing(sqlite3.connect(server.state / "tickets.db")) as database:
        query = "SELECT shopper_name FROM conversations WHERE conversation_id = ?"
        assert database.execute(query, (chat,)).fetchall() == [("Zo\u00eb",)]


def test_words_in_a_conversation_of_the_bots_are_kept_and_nothing_is_told(server, store, chat):
    assert says(server, chat, ANGRY) == {"new": True}
    assert store.cases.of(chat) == ()


def test_danger_that_was_handed_back_on_its_way_is_answered(server, store, chat):
    told = says(server, chat, "the charger caught fire")["notice"]
    assert "emergency" in told["text"]
    (ticket,) = store.cases.of(chat)
    assert ticket.reference in told["text"]
    assert store.conversations.owner(chat).talking == "waiting"
