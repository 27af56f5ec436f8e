"""A shopper who asks how their case stands is told, of their own cases alone."""

import pytest

from actions.assess_message import AssessMessage
from actions.case_question import asks_in_words, reference_in
from actions.escalate import Escalate
from actions.tell_case import TellCase
from tickets.case import Case
from tickets.triage import Decision, Triage

ASKED = "any news on my ticket?"
CHAIN = (AssessMessage(), TellCase())


@pytest.fixture
def case(model, store, run):
    """A case of this shopper's, who has the assistant back."""
    run((AssessMessage(), Escalate()), "third time my parcel is lost", message_id="m0")
    (ticket,) = store.list()
    store.takeover.hand_back(ticket.reference)
    model.changes = {"severity": 0.0, "complaint": 0.1}
    return ticket


def asked(run, text=ASKED):
    words, tracker = run(CHAIN, text, message_id="m1")
    assert tracker.slots["triage"]["rule"] == "case_status"
    return words[0], tracker.slots["last_reply"].partition("#")[0]


@pytest.mark.parametrize("text", [ASKED, "what about my case {reference}", "{reference}?"])
def test_a_case_that_waits(case, run, text):
    words, kind = asked(run, text.format(reference=case.reference.lower()))
    assert kind == "en/case_waiting"
    assert case.reference in words
    assert "Nobody is waiting before you." in words


def test_a_case_with_a_colleague_and_a_closed_one(case, store, run):
    store.takeover.claim(case.reference, "Anna")
    assert asked(run)[1] == "en/case_claimed"
    store.takeover.resolve(case.reference)
    words, kind = asked(run)
    assert (kind, case.reference in words) == ("en/case_closed", True)


def test_a_case_of_somebody_else_is_as_unknown_as_one_that_is_none(case, store, run):
    triage = Triage(decision=Decision.ESCALATE, rule="person", detail="asked")
    theirs = store.escalate(
        Case(conversation_id="bob", message_id="m1", text="x", category="billing", triage=triage)
    ).ticket
    for reference in (theirs.reference, "AM-CCCCCC"):
        words, kind = asked(run, f"what about {reference}?")
        assert kind == "en/case_unknown"
        assert reference not in words


def test_who_has_no_case_does_not_ask_about_one(model, store, run):
    model.changes = {"severity": 0.0, "complaint": 0.1}
    _, tracker = run([AssessMessage()], "any news on my case? it is a phone case")
    assert tracker.slots["triage"]["rule"] == "complaint"


def test_anger_and_a_person_asked_for_go_before_the_news(case, model, store, run):
    model.changes = {}
    _, tracker = run([AssessMessage()], ASKED)
    assert tracker.slots["triage"]["decision"] == "escalate"


def test_without_the_ticket_store_nothing_is_made_up(model, run):
    model.changes = {"severity": 0.0, "complaint": 0.1}
    words, kind = asked(run, "what about AM-CCCCCC?")
    assert kind == "en/fallback"
    assert "AM-CCCCCC" not in words


@pytest.mark.parametrize(
    "text",
    [
        "What about my case?", "any update on my ticket", "what's happening with my case",
        "how is my support ticket going", "has anyone looked at my ticket", "is my case still open",
        "status of my ticket please",
    ],
)  # fmt: skip
def test_questions_about_the_case(text):
    assert asks_in_words(text)


@pytest.mark.parametrize(
    "text", ["where is my order", "my case arrived cracked", "in any case, thanks", "cinema ticket"]
)
def test_other_messages(text):
    assert not asks_in_words(text)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("AM-K7RD4X", "AM-K7RD4X"), ("it is am-k7rd4x.", "AM-K7RD4X"), ("am - k7rd4x", "AM-K7RD4X"),
        ("AM-K7RD4XY", None), ("AM-AEIOU1", None), ("i am here", None),
    ],
)  # fmt: skip
def test_a_reference_is_found_as_it_is_typed(text, reference):
    assert reference_in(text) == reference
