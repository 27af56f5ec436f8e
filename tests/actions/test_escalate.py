"""Escalation: a ticket first, then the words; never the words without the ticket."""

import sqlite3
import time

import pytest

from actions import services
from actions.assess_message import AssessMessage
from actions.escalate import Escalate
from amends.settings import get_settings

ANGRY = "third time my parcel is lost, I gave you my number (212) 555-0123"
CHAIN = (AssessMessage(), Escalate())


def references(store):
    return [ticket.reference for ticket in store.list()]


def test_the_confirmation_names_the_committed_ticket(model, store, run):
    words, _ = run(CHAIN, ANGRY)

    (ticket,) = store.list()
    assert len(words) == 1
    assert ticket.reference in words[0]
    assert "your delivery" in words[0]
    assert ticket.rule == "strong_negative"
    assert ticket.category == "delivery"


def test_personal_data_is_masked_before_it_is_stored(model, store, run):
    run(CHAIN, ANGRY)

    (message,) = store.list()[0].messages
    assert "[phone]" in message.text
    assert "555" not in str(message.model_dump())


def test_the_ticket_knows_from_the_start_whom_the_shop_named(model, store, run):
    run(CHAIN, ANGRY, name="Robin, (212) 555-0123")
    assert store.conversations.shopper_name("anna") == "Robin, [phone]"
    run(CHAIN, "still nothing", message_id="m2", name=None)
    assert store.conversations.shopper_name("anna") == "Robin, [phone]"


def test_a_retried_action_finds_its_ticket(model, store, run):
    first, _ = run(CHAIN, ANGRY)
    again, _ = run(CHAIN, ANGRY)

    (reference,) = references(store)
    assert reference in first[0]
    assert reference in again[0]
    assert len(store.list()[0].messages) == 1


def test_a_repeat_is_added_to_the_open_ticket_and_said_so(model, store, run):
    run(CHAIN, ANGRY, message_id="m1")
    words, tracker = run(CHAIN, "still nothing", message_id="m2")

    (ticket,) = store.list()
    assert [message.message_id for message in ticket.messages] == ["m1", "m2"]
    assert ticket.reference in words[0]
    assert tracker.slots["last_reply"].startswith("en/appended#")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("my parcel is a disgrace", "escalated"),
        ("the charger caught fire", "safety"),
        ("I want to talk to a human", "handover_person"),
        ("see you in court, my lawyer will call", "escalated"),
        ("this is a scam, I have been defrauded", "escalated"),
        ("I want to kill myself", "self_harm"),
    ],
)
def test_the_words_fit_the_rule(model, store, run, text, kind):
    words, tracker = run(CHAIN, text)

    assert tracker.slots["last_reply"].startswith(f"en/{kind}#")
    assert references(store)[0] in words[0]


def test_what_fits_no_category_is_confirmed_without_one(model, store, run):
    model.changes = {"category": "other"}
    words, tracker = run(CHAIN, ANGRY)

    assert store.list()[0].category == "other"
    assert tracker.slots["last_reply"].startswith("en/escalated#")
    assert "about" not in words[0]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("my parcel is a disgrace", "escalation_failed"),
        ("the charger caught fire", "safety_failed"),
        ("I want to kill myself", "self_harm_failed"),
    ],
)
def test_no_ticket_no_claim(model, run, text, kind):
    """The database was never made: opening the store fails."""
    words, tracker = run(CHAIN, text)

    assert len(words) == 1
    assert "AM-" not in words[0]
    assert tracker.slots["last_reply"].startswith(f"en/{kind}#")


def test_a_failing_commit_claims_nothing_and_leaves_nothing(model, store, run):
    path = get_settings().ticket_database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON outbox "
            "BEGIN SELECT RAISE(ABORT, 'outbox is broken'); END"
        )

    words, tracker = run(CHAIN, ANGRY)

    assert "AM-" not in words[0]
    assert tracker.slots["last_reply"].startswith("en/escalation_failed#")
    assert references(store) == []


def test_a_hung_database_ends_in_words_in_time(model, store, run, monkeypatch):
    monkeypatch.setenv("AMENDS_ACTION_DEADLINE_S", "0.2")
    get_settings.cache_clear()

    class Hung:
        def escalate(self, case):
            time.sleep(0.6)

    monkeypatch.setattr(services, "ticket_store", Hung)
    words, tracker = run([AssessMessage()], ANGRY)
    started = time.monotonic()
    words, tracker = run([Escalate()], ANGRY, slots=tracker.slots)

    assert tracker.slots["last_reply"].startswith("en/escalation_failed#")
    assert "AM-" not in words[0]
    # asyncio.run itself waits for the hung thread; the answer does not, the loop's end does.
    assert time.monotonic() - started < 2


def test_a_decision_on_an_earlier_message_is_not_used(model, store, run):
    _, tracker = run([AssessMessage()], "the charger caught fire", message_id="m1")
    run(
        [Escalate()],
        "a person please",
        message_id="m2",
        intent="contact_human_agent",
        slots=tracker.slots,
    )

    (ticket,) = store.list()
    assert ticket.rule == "person"
    assert ticket.category == "other"
