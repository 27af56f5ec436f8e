"""What a complaint is answered with: words, the rest of it, buttons, and a person."""

import asyncio

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.answer_complaint import OWN_BUTTONS, AnswerComplaint
from actions.assess_message import AssessMessage
from actions.clarify import Clarify
from nlu.assessment import Polarity, RunnerUp

PERSON = "A person, please"


@pytest.fixture
def answered(model):
    """One message, assessed and answered; what the stand-in says may differ by text."""

    def answer(text, action, slots=None, by_text=None, **changes):
        model.changes = {"severity": 0.1, **changes}
        plain = model.assess

        def assess(texts):
            found = plain(texts)
            return [one.model_copy(update=(by_text or {}).get(one.text, {})) for one in found]

        model.assess = assess
        latest = {"text": text, "intent": {"name": "complaint"}, "message_id": "m1"}
        tracker = Tracker("anna", dict(slots or {}), latest, [], False, None, {}, "action_listen")
        said = CollectingDispatcher()
        for one in (AssessMessage(), action):
            for event in asyncio.run(one.run(said, tracker, {})):
                tracker.slots[event["name"]] = event["value"]
        return said.messages, tracker

    return answer


def titles(message):
    return [button["title"] for button in message["buttons"]]


@pytest.mark.parametrize(
    ("category", "buttons"),
    [
        ("delivery", ["Where is my order?", "Change the delivery address", PERSON]),
        ("returns_and_refunds", ["I want a refund", "I want to return something", PERSON]),
        ("order_changes", ["Change my order", "Cancel my order", PERSON]),
        ("customer_service", [PERSON]),
        ("other", [PERSON]),
    ],
)
def test_buttons_say_what_the_assistant_can_do_itself(answered, category, buttons):
    (message,), _ = answered("it went wrong", AnswerComplaint(), category=category)
    assert titles(message) == buttons
    assert [button["payload"] for button in message["buttons"]] == buttons


def test_every_button_belongs_to_a_category_of_the_shop():
    assert set(OWN_BUTTONS) <= set(services.categories().categories)


def test_of_several_the_gravest_is_answered_and_the_others_named_in_one_message(answered):
    text = "The parcel is late. I was charged twice."
    parts = {
        "The parcel is late.": {"category": "delivery"},
        "I was charged twice.": {"category": "billing_and_payment", "severity": 0.2},
    }
    (message,), tracker = answered(text, AnswerComplaint(), by_text=parts)

    assert tracker.slots["assessment"]["category"] == "billing_and_payment"
    assert tracker.slots["triage"]["detail"] == "billing_and_payment, also delivery"
    assert tracker.slots["last_reply"].startswith("en/answer/billing_and_payment#")
    assert "your delivery" in message["text"]
    assert "I need my invoice" in titles(message)


def test_several_complaints_are_no_reason_to_ask_which_one(answered):
    text = "The parcel is late. I was charged twice."
    parts = {
        text: {"runners_up": [RunnerUp(category="billing_and_payment", similarity=0.49)]},
        "I was charged twice.": {"category": "billing_and_payment"},
    }
    _, tracker = answered(text, AnswerComplaint(), by_text=parts)
    assert tracker.slots["triage"]["rule"] == "complaint"


def test_parts_that_cannot_be_scored_leave_one_complaint(answered, monkeypatch):
    def broken(text):
        raise RuntimeError("no part of it")

    monkeypatch.setattr("actions.assess_message.parts", broken)
    _, tracker = answered("The parcel is late. I was charged twice.", AnswerComplaint())
    assert tracker.slots["triage"]["others"] == []
    assert tracker.slots["last_reply"].startswith("en/answer/delivery#")


def test_scorn_is_answered_as_a_complaint(answered):
    _, tracker = answered("thanks for nothing", AnswerComplaint(), polarity=Polarity.POSITIVE)
    assert tracker.slots["last_reply"].startswith("en/answer/delivery#negative")


def test_a_second_complaint_offers_a_person_in_the_same_message(answered):
    first = {"complaints": 1, "message_id": "m0"}
    (message,), tracker = answered("still late", AnswerComplaint(), slots={"mood": first})
    assert "person" in message["text"].split("?")[-2]
    assert tracker.slots["asked"] == {"kind": "person", "message_id": "m1"}


def test_one_question_names_both_categories_and_remembers_the_complaint(answered):
    close = [RunnerUp(category="order_changes", similarity=0.49)]
    (message,), tracker = answered("it is wrong", Clarify(), runners_up=close)
    assert "your delivery" in message["text"]
    assert "a change to your order" in message["text"]
    assert message["text"].count("?") == 1
    assert titles(message) == ["Your delivery", "A change to your order", "Something else"]
    asked = tracker.slots["asked"]
    assert (asked["kind"], asked["options"]) == ("category", ["delivery", "order_changes"])
    assert asked["assessment"]["text"] == "it is wrong"


def test_nothing_to_ask_is_answered(answered):
    _, tracker = answered("it is wrong", Clarify(), runners_up=[])
    assert tracker.slots["last_reply"].startswith("en/answer/delivery#")
