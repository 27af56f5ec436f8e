"""Decisions that hang on the messages before: mood, repeats, and what was asked."""

import asyncio

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answer_complaint import AnswerComplaint
from actions.assess_message import AssessMessage
from actions.clarify import Clarify
from actions.message import stored_mood
from nlu.assessment import Polarity, RunnerUp
from tickets.case import Case
from tickets.cues import CuesError
from tickets.triage import Decision, Triage

CALM = {"severity": 0.0, "polarity": Polarity.NEUTRAL, "complaint": 0.0}
MILD = {"severity": 0.1}
CLOSE = [RunnerUp(category="order_changes", similarity=0.49)]


class Talk:
    """A conversation turn by turn, as Rasa keeps it: slots, events and what was said."""

    def __init__(self, model):
        self.model = model
        self.slots = {}
        self.events = []
        self.loop = {}

    def say(self, text, *actions, intent=None, confidence=0.9, **changes):
        self.model.changes = changes
        name = f"m{len(self.events)}"
        self.events.append({"event": "user", "message_id": name, "text": text})
        latest = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "message_id": name,
        }
        tracker = Tracker(
            "anna", self.slots, latest, self.events, False, None, self.loop, "action_listen"
        )
        self.said = CollectingDispatcher()
        for action in (AssessMessage(), *actions):
            for event in asyncio.run(action.run(self.said, tracker, {})):
                self.slots[event["name"]] = event["value"]
                self.events.append({"event": "slot", **event})
        self.tracker = tracker
        triage = self.slots["triage"]
        return triage["decision"], triage["rule"]

    def set(self, slot, value):
        self.slots[slot] = value
        self.events.append({"event": "slot", "name": slot, "value": value})

    @property
    def buttons(self):
        return [button["title"] for button in self.said.messages[-1]["buttons"]]

    @property
    def words(self):
        return [message["text"] for message in self.said.messages]


@pytest.fixture
def case_of_anna():
    decided = Triage(decision=Decision.ESCALATE, rule="strong_negative", detail="very")
    return Case(
        conversation_id="anna", message_id="m", text="gone", category="delivery", triage=decided
    )


@pytest.fixture
def talk(model):
    return Talk(model)


def test_the_mood_is_kept_and_counts_each_message_once(talk):
    talk.say("my parcel is late", **MILD)
    assert stored_mood(talk.tracker).complaints == 1
    talk.say("ok", **CALM)
    talk.say("it is still late", **MILD)
    mood = stored_mood(talk.tracker)
    assert (mood.complaints, mood.message_id) == (2, talk.tracker.latest_message["message_id"])


def test_a_mood_of_an_older_version_begins_anew(talk):
    talk.slots["mood"] = {"level": "high"}
    assert talk.say("my parcel is late", **MILD) == ("answer", "complaint")
    assert stored_mood(talk.tracker).complaints == 1


def test_the_third_complaint_goes_to_a_person_with_the_repeats_on_it(talk):
    rules = [talk.say("my parcel is late", **MILD) for _ in range(3)]
    assert rules == [("answer", "complaint")] * 2 + [("escalate", "repeated_complaint")]
    assert talk.slots["triage"]["repeats"] == 2


def test_a_solved_task_starts_the_count_again(talk):
    talk.say("my parcel is late", **MILD)
    talk.say("my parcel is late", **MILD)
    talk.set("task", {"solved": "track_order_form"})
    assert talk.say("my parcel is late", **MILD) == ("answer", "complaint")
    assert stored_mood(talk.tracker).complaints == 1


def test_what_was_solved_earlier_solves_nothing_again(talk):
    talk.set("task", {"solved": "track_order_form"})
    for _ in range(2):
        talk.say("my parcel is late", **MILD)
    assert talk.say("my parcel is late", **MILD) == ("escalate", "repeated_complaint")


def test_after_a_hand_back_the_count_starts_again(talk, store):
    talk.slots.update(talking="agent", mood={"complaints": 4, "level": 0.9, "upset": True})
    assert talk.say("and the invoice is wrong", **MILD) == ("answer", "complaint")
    assert stored_mood(talk.tracker).complaints == 1


def test_a_calm_ok_leaves_who_waits_waiting(talk, store, case_of_anna):
    store.escalate(case_of_anna)
    assert talk.say("ok", **CALM) == ("answer", "no_complaint")
    assert talk.slots["talking"] == "waiting"


def test_a_second_angry_message_is_sustained_anger(talk):
    anger = {"severity": 0.515}
    rules = [talk.say("the parcel is gone", **anger)[1] for _ in range(3)]
    assert rules == ["complaint", "complaint", "sustained_anger"]


def test_three_messages_in_a_row_that_nobody_understands(talk):
    found = [talk.say("blub", intent="nlu_fallback", **CALM) for _ in range(3)]
    assert found == [("answer", "no_complaint")] * 2 + [("escalate", "not_understood")]


@pytest.mark.parametrize(
    ("text", "intent", "confidence", "rule"),
    [
        ("A10234, robin@example.com", "nlu_fallback", 0.3, "order_named"),
        ("mail robin@example.com, number A10234", "edit_account", 0.9, "order_named"),
        ("cancel A10234, robin@example.com", "cancel_order", 0.9, "no_complaint"),
        ("A10234 please", "nlu_fallback", 0.3, "no_complaint"),
        ("write to robin@example.com", "nlu_fallback", 0.3, "no_complaint"),
    ],
)
def test_an_order_with_its_address_is_looked_up(talk, text, intent, confidence, rule):
    assert talk.say(text, intent=intent, confidence=confidence, **CALM) == (Decision.ANSWER, rule)


@pytest.mark.parametrize(
    ("question", "third"),
    [
        ("number", (Decision.ESCALATE, "repeated_complaint")),
        # What is wrong with an article was asked for.
        ("reason", (Decision.ANSWER, "complaint")),
    ],
)
def test_complaints_beside_a_question_count_and_reasons_do_not(talk, question, third):
    talk.loop = {"name": "refund_form"}
    talk.set("task", {"form": "refund_form", "question": question})
    for text in ("the lamp is broken", "and the bulb is missing"):
        talk.say(text, **MILD)

    assert talk.say("the shade is torn as well", **MILD) == third


@pytest.mark.parametrize(
    ("text", "complaint"), [("something is odd", 0.65), ("line of a list\n" * 9, 0.9)]
)
def test_what_is_no_clear_complaint_is_the_forms(talk, text, complaint):
    talk.loop = {"name": "refund_form"}
    for _ in range(3):
        said = talk.say(text, **{**MILD, "complaint": complaint})

    assert said == (Decision.ANSWER, "complaint")


def test_nonsense_in_a_form_is_the_forms(talk):
    talk.loop = {"name": "refund_form"}
    found = {talk.say("blub", intent="nlu_fallback", **CALM) for _ in range(5)}
    assert found == {("answer", "no_complaint")}


@pytest.mark.parametrize(
    ("intent", "confidence", "rule"),
    [
        ("track_order", 0.9, "task"),
        ("track_order", 0.3, "complaint"),
        ("recover_password", 0.9, "task"),
        ("complaint", 0.9, "complaint"),
        ("nlu_fallback", 0.9, "complaint"),
    ],
)
def test_a_complaint_with_a_task_in_it_begins_the_task(talk, intent, confidence, rule):
    found = talk.say("my parcel is late", intent=intent, confidence=confidence, **MILD)
    assert found == ("answer", rule)


def test_good_news_close_a_complaint_whatever_the_intent(talk):
    talk.say("my parcel is gone", **MILD)
    found = talk.say("found it, silly me", AnswerComplaint(), intent="complaint", **MILD)
    assert found == ("answer", "positive_close")
    assert talk.slots["last_reply"].startswith("en/good_news#")


def test_close_categories_are_asked_about_once(talk):
    close = {**MILD, "runners_up": CLOSE}
    assert talk.say("my order is wrong", Clarify(), **close) == ("clarify", "close_categories")
    assert talk.buttons == ["Your delivery", "A change to your order", "Something else"]
    assert talk.say("my order is all wrong", **close) == ("answer", "complaint")


@pytest.mark.parametrize(
    ("answer", "category"),
    [
        ("A change to your order", "order_changes"),
        ("it's about the change", "order_changes"),
        ("the delivery!", "delivery"),
        ("the second one", "order_changes"),
        ("Something else", "other"),
    ],
)
def test_the_category_that_was_chosen_is_what_is_answered(talk, answer, category):
    talk.say("my order is wrong", Clarify(), **MILD, runners_up=CLOSE)
    found = talk.say(answer, AnswerComplaint(), intent="nlu_fallback", **CALM)
    assert found == ("answer", "complaint")
    assert talk.slots["assessment"]["category"] == category
    assert talk.slots["last_reply"].startswith(f"en/answer/{category}#")
    assert talk.slots["asked"] is None
    # Neither one more complaint nor a message that was not understood.
    assert (stored_mood(talk.tracker).complaints, stored_mood(talk.tracker).misses) == (1, 0)


def test_an_answer_that_is_furious_is_no_mere_answer(talk):
    talk.say("my order is wrong", Clarify(), **MILD, runners_up=CLOSE)
    assert talk.say("the delivery!", severity=0.9) == ("escalate", "strong_negative")


def test_a_question_is_open_for_one_message(talk):
    talk.say("my order is wrong", Clarify(), **MILD, runners_up=CLOSE)
    asked = talk.slots["asked"]
    talk.say("hello", **CALM)
    talk.slots["asked"] = asked  # as if closing it had been lost
    talk.say("delivery", **CALM)
    assert talk.slots["triage"]["rule"] == "no_complaint"


def test_the_second_complaint_offers_a_person_and_yes_reaches_one(talk):
    talk.say("my parcel is late", AnswerComplaint(), **MILD)
    assert talk.slots.get("asked") is None
    talk.say("my parcel is late", AnswerComplaint(), **MILD)
    assert talk.slots["asked"]["kind"] == "person"
    assert len(talk.words) == 1
    assert talk.say("yes please", **CALM) == ("escalate", "person")
    assert talk.slots["triage"]["detail"] == "said yes to the offer of a person"
    assert talk.slots["triage"]["repeats"] == 2


@pytest.mark.parametrize(("text", "intent"), [("no thanks", "deny"), ("hello", "greet")])
def test_what_is_no_yes_reaches_nobody(talk, text, intent):
    for _ in range(2):
        talk.say("my parcel is late", AnswerComplaint(), **MILD)
    assert talk.say(text, intent=intent, **CALM) == ("answer", "no_complaint")


def test_what_a_form_asked_is_left_to_it(talk):
    talk.set("asked", {"kind": "resume", "form": "refund_form"})
    talk.say("yes", intent="affirm", **CALM)
    assert talk.slots["asked"] == {"kind": "resume", "form": "refund_form"}


def test_danger_goes_before_a_choice(talk):
    talk.say("my order is wrong", Clarify(), **MILD, runners_up=CLOSE)
    assert talk.say("delivery, the plug caught fire", **CALM) == ("escalate", "safety")


def test_without_its_file_of_cues_a_message_is_decided_on_by_itself(talk, monkeypatch):
    def broken():
        raise CuesError("the file is gone")

    monkeypatch.setattr("tickets.mood.shipped_cues", broken)
    assert talk.say("my parcel is late", severity=0.5) == ("escalate", "strong_negative")
    assert talk.say("my parcel is late", **MILD) == ("answer", "complaint")
