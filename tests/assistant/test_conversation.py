"""From a shopper's words to the action that follows, through the real trained model."""

import pytest
import yaml
from conftest import ROOT
from fake_actions import ASSESS
from rasa.shared.core.events import Restarted
from said import ANSWERS, NOT_UNDERSTOOD, SAID

ESCALATE = {"decision": "escalate", "rule": "strong_negative", "detail": "severity 0.81 >= 0.44"}
COMPLAINT = {"decision": "answer", "rule": "complaint", "detail": "negative, complaint 0.93"}
CALM = {"decision": "answer", "rule": "no_complaint", "detail": "neutral, complaint 0.10"}
CLARIFY = {"decision": "clarify", "rule": "close_categories", "detail": "delivery or refund"}


@pytest.mark.parametrize("intent", SAID)
def test_intent_reaches_its_action(conversation, parse, intent):
    assert parse(SAID[intent])["intent"]["name"] == intent
    assert conversation.say(SAID[intent]) == [ASSESS, ANSWERS[intent]]
    assert conversation.replies[0].startswith(ANSWERS[intent])
    assert len(conversation.replies) == 1


def test_every_intent_of_the_domain_is_tried():
    domain = yaml.safe_load((ROOT / "domain.yml").read_text())
    assert set(domain["intents"]) == set(SAID)


@pytest.mark.parametrize("text", [NOT_UNDERSTOOD, "", "   ", "/", "//  /"])
def test_not_understood_is_answered_in_words(conversation, parse, text):
    assert parse(text)["intent"]["name"] == "nlu_fallback"
    assert conversation.say(text) == [ASSESS, "action_answer_intent"]
    assert len(conversation.replies) == 1


@pytest.mark.parametrize("text", [*SAID.values(), NOT_UNDERSTOOD, ""])
def test_escalation_wins_over_every_intent(conversation, actions, text):
    actions.triage = ESCALATE
    assert conversation.say(text) == [ASSESS, "action_escalate"]
    assert len(conversation.replies) == 1


@pytest.mark.parametrize("text", [*SAID.values(), NOT_UNDERSTOOD])
def test_complaint_by_feeling_wins_over_every_intent(conversation, actions, text):
    actions.triage = COMPLAINT
    assert conversation.say(text) == [ASSESS, "action_answer_complaint"]


@pytest.mark.parametrize("intent", ["greet", "get_refund", "complaint", "contact_human_agent"])
@pytest.mark.parametrize("rule", ["task", "no_complaint", "no_text", "some_new_rule"])
def test_other_rules_leave_it_to_the_intent(conversation, actions, intent, rule):
    actions.triage = {**CALM, "rule": rule}
    assert conversation.say(SAID[intent]) == [ASSESS, ANSWERS[intent]]


@pytest.mark.parametrize("text", [*SAID.values(), NOT_UNDERSTOOD])
def test_a_question_back_wins_over_every_intent(conversation, actions, text):
    actions.triage = CLARIFY
    assert conversation.say(text) == [ASSESS, "action_clarify"]
    assert conversation.tracker().latest_action_name == "action_listen"


@pytest.mark.parametrize("triage", [ESCALATE, COMPLAINT])
def test_triage_of_another_message_is_ignored(conversation, actions, triage):
    actions.triage, actions.message_id = triage, "some-other-message"
    assert conversation.say(SAID["greet"]) == [ASSESS, "action_answer_intent"]


@pytest.mark.parametrize("how", ["failing", "rejecting"])
def test_triage_of_the_message_before_is_ignored_when_assessing_fails(conversation, actions, how):
    actions.triage = COMPLAINT
    conversation.say(SAID["complaint"])
    setattr(actions, how, {ASSESS})
    assert conversation.say(SAID["thank"]) == [ASSESS, "action_answer_intent"]


def waits(conversation, actions):
    actions.triage = ESCALATE
    assert conversation.say(SAID["complaint"]) == [ASSESS, "action_escalate"]
    assert len(conversation.replies) == 1
    assert conversation.tracker().latest_action_name == "action_listen"


@pytest.mark.parametrize("text", [*SAID.values(), NOT_UNDERSTOOD, "", "/restart"])
@pytest.mark.parametrize("triage", [ESCALATE, COMPLAINT, CLARIFY])
def test_after_an_escalation_nothing_is_said(conversation, actions, text, triage):
    waits(conversation, actions)
    actions.triage = triage
    assert conversation.say(text) == [ASSESS, "action_wait"]
    assert conversation.replies == []
    assert conversation.tracker().latest_action_name == "action_listen"


@pytest.mark.parametrize("talking", ["waiting", "agent", None])
def test_the_silence_lasts_as_long_as_the_ticket_store_says(conversation, actions, talking):
    waits(conversation, actions)
    actions.triage, actions.talking = CALM, talking
    for text in SAID.values():
        assert conversation.say(text) == [ASSESS, "action_wait"]
    actions.talking = "bot"
    assert conversation.say(SAID["review"]) == [ASSESS, "action_answer_policy"]
    assert conversation.say(SAID["thank"]) == [ASSESS, "action_answer_intent"]


def test_the_silence_is_in_the_ticket_store_and_not_in_rasas_record(
    conversation, actions, agent, loop
):
    """As after a restart with another tracker database, or a restart that the shop triggers."""
    waits(conversation, actions)
    actions.triage = CALM
    tracker = conversation.tracker()
    tracker.update(Restarted(), agent.domain)
    loop.run_until_complete(agent.tracker_store.save(tracker))
    assert conversation.say(SAID["greet"]) == [ASSESS, "action_wait"]
    conversation.id += "-forgotten"
    assert conversation.say(SAID["greet"]) == [ASSESS, "action_wait"]


def test_a_silence_that_cannot_be_asked_for_lasts(conversation, actions):
    waits(conversation, actions)
    actions.failing = {ASSESS}
    assert conversation.say(SAID["thank"]) == [ASSESS, "action_wait"]


def test_news_of_a_case_whatever_the_intent(conversation, actions):
    actions.triage = {"decision": "answer", "rule": "case_status", "detail": "asks"}
    assert conversation.say(SAID["track_order"]) == [ASSESS, "action_tell_case"]
    assert len(conversation.replies) == 1


def test_refused_escalation_ends_in_an_answer_and_not_in_a_loop(conversation, actions):
    actions.triage, actions.rejecting = ESCALATE, {"action_escalate"}
    assert conversation.say(SAID["greet"]) == [ASSESS, "action_escalate", "action_answer_intent"]
    assert conversation.tracker().latest_action_name == "action_listen"


def test_policy_and_action_server_see_the_same_message_id(conversation):
    conversation.say(SAID["greet"])
    assert conversation.replies == [
        f"action_answer_intent {conversation.tracker().latest_message.message_id}"
    ]


def test_slots_keep_what_the_message_was_assessed_as(conversation):
    conversation.say(SAID["track_order"])
    tracker = conversation.tracker()
    assert tracker.get_slot("assessment") == {"text": SAID["track_order"]}
    assert tracker.get_slot("triage")["message_id"] == tracker.latest_message.message_id


@pytest.mark.parametrize("text", ["/restart", " / restart", "/\u00a0/restart", "/session_start"])
def test_shopper_cannot_give_rasa_commands(conversation, parse, text):
    conversation.say(SAID["greet"])
    assert parse(text)["intent"]["name"] not in {"restart", "session_start"}
    assert conversation.say(text)[0] == ASSESS
    kinds = [event.type_name for event in conversation.tracker().events]
    assert kinds.count("user") == 2
    assert "restart" not in kinds


@pytest.mark.parametrize("text", ["/complaint", "/contact_human_agent{}", '/greet{"name": "x"}'])
def test_shopper_cannot_name_an_intent(parse, text):
    assert parse(text)["intent"].get("confidence") != 1.0
    assert parse(text)["entities"] == []
