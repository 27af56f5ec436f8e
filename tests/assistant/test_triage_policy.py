import pytest
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.components.triage_policy import next_action

LISTEN = "action_listen"
FORM = "refund_form"


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
        (triage_of("answer", "positive_close"), [], "action_answer_complaint"),
        (triage_of("answer", "complaint", "m0"), [], None),
        (triage_of("answer", "case_status"), [], "action_tell_case"),
        (triage_of("answer", "case_status"), ["action_tell_case"], LISTEN),
        (triage_of("answer", "order_named"), [], "track_order_form"),
        (triage_of("answer", "no_complaint"), [], None),
        (triage_of("answer", "no_text"), [], None),
        (triage_of("answer", "task"), [], None),
        (triage_of("clarify", "close_categories"), [], "action_clarify"),
        (triage_of("clarify", "close_categories"), ["action_clarify"], LISTEN),
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


def in_a_form(form, triage, *actions):
    """A conversation within a form that asked something before the message at hand."""
    tracker = tracker_of(triage)
    events = list(tracker.events)
    before = [
        ActionExecuted(LISTEN),
        UserUttered("refund", {"name": "get_refund"}, message_id="m0"),
    ]
    before += [ActionExecuted(form), ActiveLoop(form)]
    slots = list(tracker.slots.values())
    events = [*before, *events, *map(ActionExecuted, actions)]
    return DialogueStateTracker.from_events("c1", events, slots=slots)


@pytest.mark.parametrize(
    ("triage", "actions", "expected"),
    [
        (triage_of("escalate", "safety"), [], "action_escalate"),
        (triage_of("escalate", "safety"), ["action_escalate"], LISTEN),
        (triage_of("answer", "case_status"), [], "action_tell_case"),
        (triage_of("answer", "case_status"), ["action_tell_case"], LISTEN),
        (triage_of("answer", "complaint"), [], None),
        (triage_of("clarify", "close_categories"), [], None),
        (triage_of("answer", "task"), [], None),
        (None, [], None),
        (None, [FORM], LISTEN),
        (triage_of("answer", "complaint"), [FORM], LISTEN),
        (triage_of("escalate", "person"), [FORM], LISTEN),
    ],
)
def test_next_action_in_a_form(triage, actions, expected):
    assert next_action(in_a_form(FORM, triage, *actions), [FORM, "return_form"]) == expected


def test_a_form_that_ended_or_began_another_is_listened_after():
    for following in (None, "return_form"):
        tracker = in_a_form(FORM, None, FORM)
        tracker.update(ActiveLoop(following))
        assert next_action(tracker, [FORM, "return_form"]) == LISTEN
