import pytest
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.components.triage_policy import next_action

LISTEN = "action_listen"


def tracker_of(triage, *actions):
    events = [
        ActionExecuted(LISTEN),
        UserUttered("where is it", {"name": "greet"}, message_id="m1"),
        SlotSet("triage", triage),
        *map(ActionExecuted, actions),
    ]
    slots = [AnySlot("triage", mappings=[], influence_conversation=False)]
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
        (triage_of("answer", "no_complaint"), [], None),
        (triage_of("answer", "no_text"), [], None),
        (triage_of("clarify", "complaint"), [], None),
        ({}, [], None),
        (None, [], None),
    ],
)
def test_next_action(triage, actions, expected):
    assert next_action(tracker_of(triage, *actions)) == expected


def test_nothing_to_do_before_the_first_message():
    tracker = DialogueStateTracker.from_events("c1", [ActionExecuted(LISTEN)])
    assert next_action(tracker) is None
