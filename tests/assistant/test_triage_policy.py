import pytest
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.components.triage_policy import next_action

LISTEN = "action_listen"


def tracker_of(triage, *actions, talking=None):
    events = [
        ActionExecuted(LISTEN),
        UserUttered("where is it", {"name": "greet"}, message_id="m1"),
        SlotSet("triage", triage),
        SlotSet("talking", talking),
        *map(ActionExecuted, actions),
    ]
    slots = [
        AnySlot(name, mappings=[], influence_conversation=False) for name in ("triage", "talking")
    ]
    return DialogueStateTracker.from_events("c1", events, slots=slots)


def triage_of(decision, rule, message_id="m1"):
    return {"message_id": message_id, "decision": decision, "rule": rule, "detail": ""}


@pytest.mark.parametrize(
    ("triage", "actions", "expected"),
    [
        (triage_of("escalate", "safety"), [], "action_escalate"),
        (triage_of("escalate", "complaint"), [], "action_escalate"),
        (triage_of("escalate", "safety"), ["action_escalate"], LISTEN),
        (triage_of("escalate", "safety"), ["action_answer_intent"], None),
        (triage_of("escalate", "safety", "m0"), [], None),
        (triage_of("escalate", "safety", None), [], None),
        (triage_of("answer", "complaint"), [], "action_answer_complaint"),
        (triage_of("answer", "complaint"), ["action_answer_complaint"], LISTEN),
        (triage_of("answer", "complaint", "m0"), [], None),
        (triage_of("answer", "case_status"), [], "action_tell_case"),
        (triage_of("answer", "case_status"), ["action_tell_case"], LISTEN),
        (triage_of("answer", "no_complaint"), [], None),
        (triage_of("answer", "no_text"), [], None),
        (triage_of("clarify", "complaint"), [], None),
        ({}, [], None),
        (None, [], None),
    ],
)
def test_next_action(triage, actions, expected):
    assert next_action(tracker_of(triage, *actions)) == expected


@pytest.mark.parametrize("talking", ["waiting", "agent"])
@pytest.mark.parametrize(
    "triage",
    [triage_of("escalate", "safety"), triage_of("answer", "complaint", "m0"), None],
    ids=["escalate", "of another message", "none"],
)
def test_who_waits_or_has_a_person_is_listened_to(talking, triage):
    assert next_action(tracker_of(triage, talking=talking)) == "action_wait"
    assert next_action(tracker_of(triage, "action_wait", talking=talking)) == LISTEN


def test_the_escalation_itself_is_the_last_that_is_said():
    triage = triage_of("escalate", "safety")
    assert next_action(tracker_of(triage, "action_escalate", talking="waiting")) == LISTEN
    assert next_action(tracker_of(None, "action_escalate", talking="waiting")) == LISTEN


def test_the_bot_that_has_the_conversation_back_answers():
    assert next_action(tracker_of(triage_of("answer", "complaint"), talking="bot")) == (
        "action_answer_complaint"
    )


def test_nothing_to_do_before_the_first_message():
    tracker = DialogueStateTracker.from_events("c1", [ActionExecuted(LISTEN)])
    assert next_action(tracker) is None
