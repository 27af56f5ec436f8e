"""Every message is assessed, by the model or in time without it."""

import json
import time

import pytest

from actions.assess_message import AssessMessage
from amends.settings import get_settings
from nlu.assessment import Assessment, Polarity

FURIOUS = "This is a disgusting, horrible, useless shop and I hate you!!!"


def assess(run, text, **how):
    _, tracker = run([AssessMessage()], text, **how)
    return tracker.slots["assessment"], tracker.slots["triage"]


def test_slots_hold_scores_and_a_decision_for_this_message(model, run):
    assessment, triage = assess(run, "where is it, you lost it again", message_id="m7")

    assert Assessment.model_validate(assessment).category == "delivery"
    assert triage == {
        "message_id": "m7",
        "decision": "escalate",
        "rule": "strong_negative",
        "detail": "anger 0.83 >= 0.60 (severity 0.80 >= 0.40)",
        "repeats": 0,
        "others": [],
    }


def test_a_calm_complaint_is_answered(model, run):
    model.changes = {"severity": 0.1}

    _, triage = assess(run, "my parcel has not come yet")

    assert (triage["decision"], triage["rule"]) == ("answer", "complaint")


def test_a_person_is_asked_for_by_intent(model, run):
    model.changes = {"severity": 0.0, "polarity": Polarity.NEUTRAL, "complaint": 0.0}

    _, triage = assess(run, "can somebody look at this with me", intent="contact_human_agent")

    assert (triage["decision"], triage["rule"]) == ("escalate", "person")


def test_a_slow_model_is_not_waited_for(model, run, monkeypatch):
    monkeypatch.setenv("AMENDS_ASSESS_DEADLINE_S", "0.2")
    get_settings.cache_clear()
    model.delay_s = 1.0

    started = time.monotonic()
    assessment, triage = assess(run, FURIOUS)

    assert time.monotonic() - started < 0.9
    assert assessment["degraded"] is True
    assert assessment["degraded_reason"] == "the classifier took longer than 0.2 s"
    assert triage["decision"] == "escalate"


def test_a_broken_model_leans_to_the_human_and_hides_its_error(model, run):
    model.error = RuntimeError("secret path")

    assessment, triage = assess(run, FURIOUS)

    assert assessment["model"] == "lexicon-vader"
    assert "secret path" not in str(assessment)
    assert triage["decision"] == "escalate"


def test_a_missing_adapter_degrades(run, tmp_path, monkeypatch):
    """The real queue and the real loader, on a folder that holds no adapter."""
    monkeypatch.setenv("AMENDS_ADAPTER", str(tmp_path))
    monkeypatch.setenv("AMENDS_ASSESS_DEADLINE_S", "60")
    get_settings.cache_clear()

    assessment, _ = assess(run, "where is my parcel")

    assert assessment["degraded"] is True
    assert assessment["degraded_reason"].startswith("AdapterError")


def test_the_slot_holds_the_words_that_carried_the_scores(run, monkeypatch):
    """The real queue and the real model, as JSON takes it to Rasa."""
    monkeypatch.setenv("AMENDS_ASSESS_DEADLINE_S", "60")
    get_settings.cache_clear()

    slot, _ = assess(run, "the kettle is broken and I am furious")

    assessment = Assessment.model_validate(json.loads(json.dumps(slot)))
    assert {"broken", "furious"} <= {word.text for word in assessment.evidence.words}


@pytest.mark.parametrize(
    ("text", "decision", "rule"),
    [
        ("", "answer", "no_text"),
        ("   \x00\x01", "answer", "no_text"),
        ("我的包裹在哪里", "escalate", "other_language"),
        ("Wo ist mein Paket, ich warte seit drei Wochen", "escalate", "other_language"),
    ],
)
def test_unreadable_messages_have_no_scores(run, monkeypatch, tmp_path, text, decision, rule):
    monkeypatch.setenv("AMENDS_ADAPTER", str(tmp_path))
    get_settings.cache_clear()

    assessment, triage = assess(run, text)

    assert assessment is None
    assert (triage["decision"], triage["rule"]) == (decision, rule)
