"""Questions about the shop are answered in the words of its file, with the line, or not at all."""

import asyncio
import threading

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.answer_intent import AnswerIntent
from actions.answer_policy import AnswerPolicy, policy_words
from actions.message import Message
from amends.settings import get_settings
from nlu.assessment import Polarity

POLICIES = """# Policies

## Delivery times
<!-- answers: delivery_period -->
- Standard delivery takes two days.

## Returns
<!-- answers: check_refund_policy -->
- You can send things back for thirty days.

## Trouble
<!-- answers: payment_issue, registration_problems, contact_customer_service -->
- If your payment fails, or you can't register, ask us.
"""
HOW_LONG = "how many days does delivery take?"


@pytest.fixture
def policies(tmp_path, monkeypatch):
    """Writes the shop's policies and has them read anew; at first those above."""

    def _write(text=POLICIES, name="en.md"):
        folder = tmp_path / "policies"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
        monkeypatch.setenv("AMENDS_POLICIES_DIR", str(folder))
        get_settings.cache_clear()
        services.policies.cache_clear()

    services.encoder()  # It is loaded before the first message: `GET /ready` waits for it.
    _write()
    return _write


def tracker_of(text, intent, slots=None):
    latest = {"text": text, "intent": {"name": intent}, "message_id": "m1", "metadata": {}}
    return Tracker("anna", dict(slots or {}), latest, [], False, None, {}, "action_listen")


def ask(text, intent, action=None, slots=None):
    """The one message in return, and the slots that were set."""
    dispatcher = CollectingDispatcher()
    events = asyncio.run(
        (action or AnswerPolicy()).run(dispatcher, tracker_of(text, intent, slots), {})
    )
    (message,) = dispatcher.messages
    return message, {event["name"]: event["value"] for event in events}


def titles(message):
    return [button["title"] for button in message["buttons"]]


def felt(assessed, polarity):
    triage = {"message_id": "m1", "decision": "answer", "rule": "no_complaint", "detail": ""}
    return {"assessment": {**assessed, "polarity": polarity}, "triage": triage}


@pytest.fixture
def assessed(model):
    """Scores of a message, as the slot holds them."""
    return model.assess([HOW_LONG])[0].model_dump(mode="json")


def test_the_file_is_quoted_with_heading_and_line(policies):
    message, slots = ask(HOW_LONG, "delivery_period")

    assert '"Standard delivery takes two days." (Delivery times, line 5)' in message["text"]
    assert slots["last_reply"].startswith("en/policy_answer#any")
    assert titles(message) == ["Where is my order?"]


def test_an_edited_file_is_what_the_shopper_reads(policies):
    policies("<!-- new -->\n\n" + POLICIES.replace("two days", "nine days"))

    message, _ = ask(HOW_LONG, "delivery_period")

    assert '"Standard delivery takes nine days." (Delivery times, line 7)' in message["text"]


@pytest.mark.parametrize(
    "intent", ["contact_customer_service", "payment_issue", "registration_problems"]
)
def test_who_is_stuck_is_offered_a_person_below_the_answer(intent, policies):
    message, slots = ask("my payment fails or I can't register", intent)

    assert "ask us." in message["text"]
    assert titles(message) == ["A person, please"]
    assert "asked" not in slots


def test_what_the_file_does_not_answer_is_not_answered(policies):
    message, slots = ask("who composed the moonlight sonata", "delivery_period")

    assert slots["last_reply"].startswith("en/policy_unanswered#")
    assert '"' not in message["text"]
    assert titles(message) == ["A person, please"]


def test_a_yes_to_the_offered_person_is_one(policies):
    _, slots = ask("who composed the moonlight sonata", "delivery_period")

    assert slots["asked"] == {"kind": "person", "message_id": "m1"}


def test_a_line_that_may_not_be_the_answer_is_called_the_nearest(policies, monkeypatch):
    monkeypatch.setattr("nlu.policies.SURE_ASKED", 0.99)
    monkeypatch.setattr("nlu.policies.SURE_ANYWHERE", 0.99)

    message, slots = ask(HOW_LONG, "delivery_period")

    assert slots["last_reply"].startswith("en/policy_nearest#")
    assert "(Delivery times, line 5)" in message["text"]
    assert titles(message) == ["A person, please"]
    assert slots["asked"]["kind"] == "person"


@pytest.mark.parametrize(
    ("polarity", "group"), [(Polarity.NEGATIVE, "negative"), (Polarity.NEUTRAL, "any")]
)
def test_one_who_is_upset_reads_sympathy_first(polarity, group, policies, assessed):
    slots = felt(assessed, polarity.value)

    message, set_slots = ask(HOW_LONG, "delivery_period", slots=slots)

    assert set_slots["last_reply"].startswith(f"en/policy_answer#{group}_")
    assert ("sorry" in message["text"]) == (polarity is Polarity.NEGATIVE)


def test_policies_in_another_language_say_so(policies):
    _, slots = ask(HOW_LONG, "delivery_period", slots={"language": "fr"})

    assert slots["last_reply"].split("/")[1].startswith("policy_other_language#")


EXPRESSION = "{{ 7 * 7 }} {% raw %} {{ config }}"


def test_an_expression_in_the_file_stays_text(policies):
    policies(POLICIES.replace("two days", EXPRESSION).replace("Delivery times", EXPRESSION + "?"))

    message, _ = ask("standard delivery takes", "delivery_period")

    assert f'"Standard delivery takes {EXPRESSION}." ({EXPRESSION}?, line 5)' in message["text"]


@pytest.mark.parametrize("text", [EXPRESSION, "'; DROP TABLE x; --", "<script>1</script>", ""])
def test_whatever_is_asked_is_never_said_back(text, policies):
    message, _ = ask(f"{text} {HOW_LONG}", "delivery_period")

    assert "49" not in message["text"]
    assert not text or text not in message["text"]


def test_a_file_that_cannot_be_used_ends_in_honest_words(policies):
    policies("two days")

    _, slots = ask(HOW_LONG, "delivery_period")

    assert slots["last_reply"].startswith("en/fallback#")


def test_an_encoder_that_hangs_ends_in_words_in_time(policies, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(services, "policies", released.wait)
    monkeypatch.setenv("AMENDS_ACTION_DEADLINE_S", "0.1")
    get_settings.cache_clear()

    _, slots = ask(HOW_LONG, "delivery_period")

    assert not released.is_set()
    assert slots["last_reply"].startswith("en/fallback#")
    released.set()


@pytest.mark.parametrize("intent", ["nlu_fallback", "out_of_scope"])
def test_the_policies_may_know_what_no_intent_is_for(intent, policies):
    message, slots = ask(HOW_LONG, intent, AnswerIntent())

    assert "(Delivery times, line 5)" in message["text"]
    assert slots["last_reply"].startswith("en/policy_answer#")


def test_words_for_a_form_are_sure_and_ask_nothing(policies):
    tracker = tracker_of(HOW_LONG, "track_order")

    words = asyncio.run(policy_words(tracker, Message.latest(tracker)))

    assert '"Standard delivery takes two days." (Delivery times, line 5)' in words
    assert "?" not in words


@pytest.mark.parametrize("text", ["my dog is called Otto", "12345", "stop"])
def test_a_form_gets_no_words_where_the_file_says_nothing(text, policies):
    tracker = tracker_of(text, "nlu_fallback")

    assert asyncio.run(policy_words(tracker, Message.latest(tracker))) is None
