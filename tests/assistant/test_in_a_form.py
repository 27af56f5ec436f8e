"""Forms are actions of ours by the form's name: what Rasa does, whatever is said in one."""

import pytest
import yaml
from conftest import ROOT
from fake_actions import ASSESS
from fake_actions import FORMS as FAKED
from said import ANSWERS, FORMS, NOT_UNDERSTOOD, SAID

FORM = "refund_form"
PASTE = "\n".join(f"line {number} of what was in my clipboard" for number in range(50))
ANYTHING = [*SAID.values(), NOT_UNDERSTOOD, "", "   ", "stop", "/restart", PASTE]
TASK = {"decision": "answer", "rule": "task", "detail": "a complaint that is a task"}
COMPLAINT = {"decision": "answer", "rule": "complaint", "detail": "negative, complaint 0.93"}
CLARIFY = {"decision": "clarify", "rule": "close_categories", "detail": "delivery or refund"}
CASE_STATUS = {"decision": "answer", "rule": "case_status", "detail": "asks"}
ESCALATE = {"decision": "escalate", "rule": "person", "detail": "asks for a person"}


def begun(conversation):
    assert conversation.say(SAID["get_refund"]) == [ASSESS, FORM]
    return is_in(conversation, FORM)


def is_in(conversation, form):
    """Rasa listens, and this form is active."""
    tracker = conversation.tracker()
    assert tracker.latest_action_name == "action_listen"
    return tracker.active_loop_name == form


def test_the_fake_knows_every_form_of_the_domain():
    domain = yaml.safe_load((ROOT / "domain.yml").read_text())
    assert set(domain["forms"]) == FAKED == set(FORMS.values())
    assert set(domain["forms"]) <= set(domain["actions"])


@pytest.mark.parametrize("intent", FORMS)
def test_a_form_begins_with_its_intent_and_speaks_once(conversation, intent):
    assert conversation.say(SAID[intent]) == [ASSESS, FORMS[intent]]
    assert len(conversation.replies) == 1
    assert is_in(conversation, FORMS[intent])


def test_a_complaint_that_is_a_task_begins_the_form(conversation, actions):
    actions.triage = TASK
    assert begun(conversation)


@pytest.mark.parametrize("text", ANYTHING, ids=lambda text: text[:20])
def test_whatever_is_said_in_a_form_is_the_forms(conversation, text):
    assert begun(conversation)
    assert conversation.say(text) == [ASSESS, FORM]
    assert len(conversation.replies) == 1
    assert is_in(conversation, FORM)


@pytest.mark.parametrize("triage", [COMPLAINT, CLARIFY, TASK], ids=lambda one: one["rule"])
@pytest.mark.parametrize("text", [SAID["complaint"], SAID["track_order"], NOT_UNDERSTOOD])
def test_a_complaint_in_a_form_is_the_forms(conversation, actions, triage, text):
    assert begun(conversation)
    actions.triage = triage
    assert conversation.say(text) == [ASSESS, FORM]


@pytest.mark.parametrize("text", [*SAID.values(), NOT_UNDERSTOOD, ""], ids=lambda text: text[:20])
def test_an_escalation_wins_over_the_form_and_leaves_it(conversation, actions, text):
    assert begun(conversation)
    actions.triage = ESCALATE
    assert conversation.say(text) == [ASSESS, "action_escalate"]
    assert len(conversation.replies) == 1
    assert is_in(conversation, None)
    assert conversation.say(text) == [ASSESS, "action_wait"]


def test_the_assistant_that_has_the_conversation_back_answers_outside_the_form(
    conversation, actions
):
    test_an_escalation_wins_over_the_form_and_leaves_it(conversation, actions, "a person, please")
    actions.talking, actions.triage = "bot", {**TASK, "rule": "no_complaint"}
    assert conversation.say(SAID["review"]) == [ASSESS, "action_answer_policy"]
    assert begun(conversation)


def test_news_of_a_case_in_a_form_and_back_to_the_form(conversation, actions):
    assert begun(conversation)
    actions.triage = CASE_STATUS
    assert conversation.say(SAID["track_order"]) == [ASSESS, "action_tell_case"]
    assert is_in(conversation, FORM)
    actions.triage = COMPLAINT
    assert conversation.say(SAID["deny"]) == [ASSESS, FORM]


@pytest.mark.parametrize("talking", ["waiting", "agent"])
def test_silence_wins_over_the_form(conversation, actions, talking):
    assert begun(conversation)
    actions.talking = talking
    assert conversation.say(SAID["affirm"]) == [ASSESS, "action_wait"]
    actions.talking = "bot"
    assert conversation.say(SAID["affirm"]) == [ASSESS, FORM]


def test_a_form_that_ends_at_once(conversation, actions):
    actions.next_form = {FORM: None}
    assert not begun(conversation)
    assert is_in(conversation, None)
    assert conversation.say(SAID["thank"]) == [ASSESS, "action_answer_intent"]


def test_a_form_that_ends_later_and_begins_anew(conversation, actions):
    assert begun(conversation)
    actions.next_form = {FORM: None}
    assert conversation.say("stop") == [ASSESS, FORM]
    assert len(conversation.replies) == 1
    assert is_in(conversation, None)
    for intent in ("thank", "review"):
        assert conversation.say(SAID[intent]) == [ASSESS, ANSWERS[intent]]
    actions.next_form = {}
    assert begun(conversation)


@pytest.mark.parametrize("first", [True, False], ids=["at once", "later"])
def test_a_form_that_goes_on_with_another(conversation, actions, first):
    if not first:
        assert begun(conversation)
    actions.next_form = {FORM: "return_form"}
    assert conversation.say(SAID["get_refund"]) == [ASSESS, FORM]
    assert len(conversation.replies) == 1
    assert is_in(conversation, "return_form")
    assert conversation.say(SAID["affirm"]) == [ASSESS, "return_form"]
    actions.next_form = {"return_form": FORM}
    assert conversation.say(SAID["affirm"]) == [ASSESS, "return_form"]
    assert is_in(conversation, FORM)


def test_a_form_that_fails_gets_the_next_message_too(conversation, actions):
    assert begun(conversation)
    actions.failing = {FORM}
    assert conversation.say(SAID["affirm"]) == [ASSESS, FORM]
    assert is_in(conversation, FORM)
    actions.failing, actions.next_form = set(), {FORM: None}
    assert conversation.say("stop") == [ASSESS, FORM]
    assert is_in(conversation, None)


def test_a_form_that_fails_at_its_beginning_has_not_begun(conversation, actions):
    actions.failing = {FORM}
    assert conversation.say(SAID["get_refund"]) == [ASSESS, FORM]
    assert is_in(conversation, None)
    actions.failing = set()
    assert conversation.say(SAID["thank"]) == [ASSESS, "action_answer_intent"]
    assert begun(conversation)


def test_a_form_that_refuses_leaves_the_message_to_the_rules_and_is_asked_again(
    conversation, actions
):
    """As Rasa's own forms do it; ours never refuse."""
    assert begun(conversation)
    actions.rejecting = {FORM}
    assert conversation.say(SAID["review"]) == [ASSESS, FORM, "action_answer_policy", FORM]
    assert is_in(conversation, FORM)
    actions.rejecting = set()
    assert conversation.say(SAID["review"]) == [ASSESS, FORM]


def test_an_escalation_that_fails_leaves_the_form_as_it_was(conversation, actions):
    assert begun(conversation)
    actions.triage, actions.failing = ESCALATE, {"action_escalate"}
    assert conversation.say(SAID["affirm"]) == [ASSESS, "action_escalate"]
    assert is_in(conversation, FORM)
    actions.failing = set()
    assert conversation.say(SAID["affirm"]) == [ASSESS, "action_escalate"]
    assert is_in(conversation, None)


@pytest.mark.parametrize("how", ["failing", "rejecting"])
def test_a_message_that_was_not_assessed_is_the_forms(conversation, actions, how):
    actions.triage = TASK
    assert begun(conversation)
    setattr(actions, how, {ASSESS})
    assert conversation.say(SAID["complaint"]) == [ASSESS, FORM]
