"""While a person is waited for or talks, messages are taken down and next to nothing is said."""

import re
import sqlite3

import pytest

from actions import services
from actions.assess_message import AssessMessage
from actions.escalate import Escalate
from actions.wait import Wait
from amends.settings import get_settings

ANGRY = "third time my parcel is lost"
SILENT = (AssessMessage(), Wait())
CALM = {"severity": 0.0, "complaint": 0.1}


@pytest.fixture
def waiting(model, store, run):
    """The ticket of a shopper who waits."""
    run((AssessMessage(), Escalate()), ANGRY, message_id="m0")
    model.changes = CALM
    return store.list()[0]


def says(run, text, number, **more):
    words, _ = run(SILENT, text, message_id=f"m{number}", **more)
    return words


def texts(store, *roles):
    return [one.text for one in store.conversations.lines("anna") if one.role in roles]


def test_after_an_escalation_the_slot_says_that_the_shopper_waits(model, store, run):
    _, tracker = run((AssessMessage(), Escalate()), ANGRY)
    assert tracker.slots["talking"] == "waiting"
    _, tracker = run([AssessMessage()], "hello?", message_id="m2")
    assert tracker.slots["talking"] == "waiting"


@pytest.mark.parametrize(("change", "who"), [("claim", "agent"), ("hand_back", "bot")])
def test_the_slot_follows_the_ticket_store(waiting, store, run, change, who):
    more = ("Anna",) if change == "claim" else ()
    getattr(store.takeover, change)(waiting.reference, *more)
    _, tracker = run([AssessMessage()], "hello?", message_id="m2", slots={"talking": "waiting"})
    assert tracker.slots["talking"] == who


def test_without_the_ticket_store_what_was_known_last_holds(model, run):
    _, tracker = run([AssessMessage()], "hello?", slots={"talking": "agent"})
    assert tracker.slots["talking"] == "agent"
    assert tracker.slots["triage"]["message_id"] == "m1"


def test_who_waits_is_told_once_how_it_goes_on(waiting, store, run):
    (told,) = says(run, "hello?", 1)
    assert '"assistant, please"' in told
    assert "Nobody is waiting before you." in told
    assert says(run, "anybody there?", 2) == []
    assert texts(store, "shopper") == ["hello?", "anybody there?"]
    assert texts(store, "notice") == [told]


def test_the_next_wait_has_a_notice_of_its_own(waiting, store, run):
    assert len(says(run, "hello?", 1)) == 1
    store.takeover.claim(waiting.reference, "Anna")
    assert says(run, "hi Anna", 2) == []
    store.takeover.release(waiting.reference)
    assert len(says(run, "and now?", 3)) == 1
    assert len(texts(store, "notice")) == 2


def test_hours_and_queue_are_those_of_the_shop(waiting, store, run, monkeypatch):
    monkeypatch.setenv("AMENDS_OPENING_HOURS", "24/7 off")
    monkeypatch.setenv("AMENDS_LANGUAGE", "zh")
    get_settings.cache_clear()
    services.languages.cache_clear()
    assert "客服目前不在线。" in says(run, "hello?", 1)[0]


def test_words_of_a_message_are_masked_and_scored(waiting, store, run):
    says(run, "call me on (212) 555-0123", 1)
    (line,) = [one for one in store.conversations.lines("anna") if one.role == "shopper"]
    assert line.text == "call me on [phone]"
    assert line.assessment["category"] == "delivery"


def test_a_repeated_complaint_raises_the_severity_and_is_not_answered(waiting, store, run, model):
    says(run, "hello?", 1)
    model.changes = {"category": "billing_and_payment"}
    assert says(run, "you lost it AGAIN", 2) == []
    (ticket,) = store.list()
    assert [message.message_id for message in ticket.messages] == ["m0", "m2"]
    assert ticket.severity > waiting.severity


def test_a_person_asked_for_again_is_on_the_ticket(waiting, store, run):
    says(run, "hello?", 1)
    assert says(run, "can somebody look", 2, intent="contact_human_agent") == []
    assert store.list()[0].messages[-1].triage.rule == "person"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the charger caught fire", "emergency"),
        ("I want to kill myself", "emergency number|crisis line"),
    ],
)
def test_in_danger_the_words_are_said_while_a_person_is_waited_for(
    waiting, store, run, text, words
):
    (told,) = says(run, text, 1)
    assert re.search(words, told)
    assert waiting.reference in told
    assert store.list()[0].severity > 9 * waiting.severity
    assert texts(store, "bot") == [told]
    # The notice of the wait is still to come.
    assert len(says(run, "hello?", 2)) == 1


def test_in_danger_something_is_said_whatever_fails(waiting, store, run):
    path = get_settings().ticket_database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON conversation_messages "
            "BEGIN SELECT RAISE(ABORT, 'broken'); END"
        )
    (told,) = says(run, "the charger caught fire", 1)
    assert "emergency" in told
    assert waiting.reference not in told
    (told,) = says(run, "hello?", 2)
    assert "contact page" in told


def test_a_person_who_talks_is_not_interrupted(waiting, store, run):
    store.takeover.claim(waiting.reference, "Anna")
    for number, text in enumerate(("hello?", "I want a human", "the charger caught fire")):
        assert says(run, text, number + 1) == []
    assert len(texts(store, "shopper")) == 3
    assert len(store.list()[0].messages) == 1


def test_who_asks_for_the_assistant_has_it_and_the_case_stays_open(waiting, store, run):
    (told,) = says(run, "Assistant, please!", 1)
    assert told.startswith("The chat assistant answers again.")
    assert store.conversations.owner("anna").talking == "bot"
    assert store.get(waiting.reference).status == "open"
    assert says(run, "Assistant, please!", 2) != []


def test_while_a_person_talks_the_phrase_does_nothing(waiting, store, run):
    store.takeover.claim(waiting.reference, "Anna")
    assert says(run, "assistant, please", 1) == []
    assert store.conversations.owner("anna").talking == "agent"


def test_who_was_handed_back_in_between_is_not_left_in_silence(waiting, store, run):
    store.takeover.hand_back(waiting.reference)
    words, _ = run([Wait()], "hello?", message_id="m1")
    assert len(words) == 1
