"""What happens next with a message: a reply of ours, or a person; and the rule that says so."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from nlu.assessment import Assessment, Polarity, Unreadable
from tickets.phrases import Found, Kind, shipped_phrases

CONTACT_HUMAN_AGENT = "contact_human_agent"
"""The intent of a shopper who asks for a person."""

LIKELY_COMPLAINT = 0.5
"""From this probability on a message that is not positive counts as a complaint."""

UNREADABLE = {
    "no_text": "no word in the message",
    "other_script": "mostly letters of a script that the classifier does not read",
}


RULES = {
    Kind.PERSON: "person",
    Kind.SELF_HARM: "self_harm",
    Kind.FRAUD: "legal_or_fraud",
    Kind.LEGAL: "legal_or_fraud",
}
"""Rules of the phrases; a kind that is not here is about safety. They differ because what the
shopper should read differs: somebody in danger needs other words than somebody with a lawyer."""


class Decision(StrEnum):
    """What happens next."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    ESCALATE = "escalate"


class Triage(BaseModel):
    """A decision on one message.

    Attributes:
        decision: What happens next.
        rule: Name of the rule that fired: `self_harm`, `safety`, `legal_or_fraud`, `person`,
            `other_script`, `no_text`, `strong_negative`, `complaint` or `no_complaint`.
        detail: What made it fire, in words for the support agent.
    """

    model_config = ConfigDict(frozen=True)

    decision: Decision
    rule: str
    detail: str


def triage(assessment: Assessment | Unreadable, intent: str | None) -> Triage:
    """Decide on a message; the first rule that fires wins.

    What the shopper says in so many words (danger, "a human, please") is read from the text and
    goes before every score, so that no score can overrule it.

    Args:
        assessment: What the understanding room says of the message.
        intent: What the assistant takes the message for, None when it has no guess.

    Raises:
        PhrasesError: the phrase file cannot be used.
    """
    spoken = by_words(assessment.text, intent)
    if spoken is not None:
        return spoken
    if isinstance(assessment, Unreadable):
        return _unreadable(assessment)
    return _by_score(assessment)


def by_words(text: str, intent: str | None) -> Triage | None:
    """The decision that the shopper's own words call for, whatever the score; None if none does."""
    found = shipped_phrases().find(text)
    if found is not None:
        rule = RULES.get(found.kind, "safety")
        return Triage(decision=Decision.ESCALATE, rule=rule, detail=_quote(found))
    if intent == CONTACT_HUMAN_AGENT:
        return Triage(decision=Decision.ESCALATE, rule="person", detail=f"intent {intent}")
    return None


def _quote(found: Found) -> str:
    return f'"{found.words}" ({found.kind.replace("_", " ")})'


def _unreadable(message: Unreadable) -> Triage:
    # Nobody has read it, so a person should, unless there is nothing to read.
    decision = Decision.ANSWER if message.reason == "no_text" else Decision.ESCALATE
    return Triage(decision=decision, rule=message.reason, detail=UNREADABLE[message.reason])


def _by_score(scores: Assessment) -> Triage:
    negative = scores.polarity is Polarity.NEGATIVE
    if negative and scores.severity >= scores.severity_threshold:
        detail = f"severity {scores.severity:.2f} >= {scores.severity_threshold:.2f}"
        return Triage(decision=Decision.ESCALATE, rule="strong_negative", detail=detail)
    likely = scores.complaint >= LIKELY_COMPLAINT and scores.polarity is not Polarity.POSITIVE
    rule = "complaint" if negative or likely else "no_complaint"
    detail = f"{scores.polarity}, complaint {scores.complaint:.2f}"
    return Triage(decision=Decision.ANSWER, rule=rule, detail=detail)
