import pytest
from assessments import assessed

from nlu.assessment import Unreadable
from tickets.triage import Decision, triage


def decided(assessment, intent=None):
    result = triage(assessment, intent)
    return result.decision, result.rule


@pytest.mark.parametrize(
    ("severity", "threshold", "expected"),
    [
        (0.44, 0.44, (Decision.ESCALATE, "strong_negative")),
        (0.4399, 0.44, (Decision.ANSWER, "complaint")),
        (1.0, 1.0, (Decision.ESCALATE, "strong_negative")),
        (0.0, 0.0, (Decision.ESCALATE, "strong_negative")),
        (0.3, 0.25, (Decision.ESCALATE, "strong_negative")),  # what a degraded score brings along
    ],
)
def test_severity_counts_from_the_threshold_on(severity, threshold, expected):
    assert decided(assessed(severity=severity, severity_threshold=threshold)) == expected


@pytest.mark.parametrize("polarity", ["neutral", "positive"])
def test_severity_alone_escalates_nothing_that_is_not_negative(polarity):
    decision, rule = decided(assessed(polarity=polarity, severity=1.0, complaint=0.0))
    assert (decision, rule) == (Decision.ANSWER, "no_complaint")


@pytest.mark.parametrize(
    ("polarity", "complaint", "rule"),
    [
        ("negative", 0.0, "complaint"),
        ("neutral", 0.5, "complaint"),
        ("neutral", 0.4999, "no_complaint"),
        ("positive", 1.0, "no_complaint"),
        ("positive", 0.0, "no_complaint"),
    ],
)
def test_what_counts_as_a_complaint(polarity, complaint, rule):
    assert decided(assessed(polarity=polarity, complaint=complaint)) == (Decision.ANSWER, rule)


@pytest.mark.parametrize(
    ("reason", "decision"), [("other_script", Decision.ESCALATE), ("no_text", Decision.ANSWER)]
)
def test_unreadable_messages(reason, decision):
    assert decided(Unreadable(text="…", reason=reason)) == (decision, reason)


CALM = {"polarity": "positive", "severity": 0.0, "complaint": 0.0}
BOTH = "The plug caught fire, get me your manager"


@pytest.mark.parametrize(
    ("assessment", "intent", "rule"),
    [
        (assessed(BOTH, severity=1.0), "contact_human_agent", "safety"),
        (assessed(BOTH, **CALM), "praise", "safety"),
        (assessed("I want a human", severity=1.0), None, "person"),
        (assessed("I want a human", **CALM), "praise", "person"),
        (assessed("hmm", severity=1.0), "contact_human_agent", "person"),
        (assessed("hmm", severity=1.0), "greet", "strong_negative"),
        (assessed("hmm", severity=1.0), None, "strong_negative"),
        (Unreadable(text="Дайте human please", reason="other_script"), None, "person"),
        (
            Unreadable(text="огонь! caught fire", reason="other_script"),
            "contact_human_agent",
            "safety",
        ),
        (Unreadable(text="вот так", reason="other_script"), "contact_human_agent", "person"),
        (Unreadable(text="?!", reason="no_text"), "contact_human_agent", "person"),
    ],
)
def test_first_rule_in_order_wins(assessment, intent, rule):
    assert triage(assessment, intent).rule == rule


@pytest.mark.parametrize(
    ("assessment", "intent", "detail"),
    [
        (assessed(severity=0.812), None, "severity 0.81 >= 0.44"),
        (assessed("It CAUGHT\nfire!"), None, '"caught fire" (fire or shock)'),
        (assessed("A HUMAN, please."), None, '"a human" (person)'),
        (assessed("hmm"), "contact_human_agent", "intent contact_human_agent"),
        (assessed(complaint=0.871), None, "negative, complaint 0.87"),
        (assessed("hi", polarity="neutral", complaint=0.02), None, "neutral, complaint 0.02"),
        (Unreadable(text="", reason="no_text"), None, "no word in the message"),
        (
            Unreadable(text="привет", reason="other_script"),
            None,
            "mostly letters of a script that the classifier does not read",
        ),
    ],
)
def test_detail_tells_the_agent_what_fired(assessment, intent, detail):
    assert triage(assessment, intent).detail == detail
