"""What happens next with a message: a reply of ours, or a person; and the rule that says so."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from nlu.assessment import OTHER, Assessment, Polarity, Unreadable
from tickets.anger import AT_THRESHOLD, WEIGHTS, is_good_news
from tickets.mood import LIKELY_COMPLAINT, Mood
from tickets.phrases import Found, Kind, shipped_phrases

CONTACT_HUMAN_AGENT = "contact_human_agent"
"""The intent of a shopper who asks for a person."""

SMALL_TALK = ("thank", "praise", "goodbye")
"""Intents whose own answer fits good news."""

VERY_ANGRY = 0.6
"""From this anger on a single message calls for a person. It and the numbers below are chosen on
the tune half of the complaint labels (this one on validation rows of complaint_tweets too) and on
the first, third, fifth… of the conversations in tests/tickets/mood_conversations.yml."""

CALM = 0.3
"""Below this anger a message calls for nobody, however upset the conversation was before it."""

MAX_COMPLAINTS = 3
"""The third complaint without a solution is a person's."""

MAX_MISSES = 3
"""So is the third message in a row that was not understood."""

CLOSE = 0.02
"""Two categories are close when the similarity of one is so little below the other's: then the
first is the right one half of the time."""

UNREADABLE = {
    "no_text": "no word in the message",
    "other_language": "in a language that the classifier was not made for",
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
        rule: Name of the rule that fired. To a person: `self_harm`, `safety`, `legal_or_fraud`,
            `person`, `other_language`, `other_script`, `strong_negative`, `sustained_anger`,
            `repeated_complaint`, `not_understood`. To a question: `close_categories`. To an
            answer: `positive_close` (good news after a complaint), `task` (a complaint that the
            answer to its intent helps with), `complaint`, `no_complaint`, `no_text`.
        detail: What made it fire, in words for the support agent.
        repeats: How many complaints of the conversation came before, since the last solution.
    """

    model_config = ConfigDict(frozen=True)

    decision: Decision
    rule: str
    detail: str
    repeats: Annotated[int, Field(ge=0)] = 0


def triage(
    assessment: Assessment | Unreadable,
    intent: str | None,
    mood: Mood | None = None,
    *,
    task_intent: bool = False,
    may_clarify: bool = False,
) -> Triage:
    """Decide on a message; the first rule that fires wins.

    What the shopper says in so many words (danger, "a human, please") is read from the text and
    goes before every score, so that no score can overrule it.

    Args:
        assessment: What the understanding room says of the message.
        intent: What the assistant takes the message for, None when it has no guess.
        mood: How the conversation went, this message included; None for a message by itself, on
            which the adapter's own threshold decides.
        task_intent: Whether the assistant can do what the intent says.
        may_clarify: Whether the shopper may be asked what they mean.

    Raises:
        PhrasesError: the phrase file cannot be used.
    """
    decided = by_words(assessment.text, intent) or _read(
        assessment, mood, task_intent=task_intent, may_clarify=may_clarify
    )
    if decided.rule == "positive_close" and intent in SMALL_TALK:
        decided = decided.model_copy(update={"rule": "no_complaint"})
    before = max(mood.complaints - 1, 0) if mood is not None else 0
    return decided.model_copy(update={"repeats": before})


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


def _read(
    found: Assessment | Unreadable, mood: Mood | None, *, task_intent: bool, may_clarify: bool
) -> Triage:
    if isinstance(found, Unreadable):
        return _unreadable(found, mood)
    upset = _strong(found) if mood is None else _upset(found, mood)
    if upset is not None:
        return upset
    good_news = _good_news(found, mood)
    if good_news is not None:
        return good_news
    if mood is None or not _complains(found, mood):
        return _not_understood(mood) or _calm(found)
    return _complaint(found, mood, task_intent=task_intent, may_clarify=may_clarify)


def _unreadable(message: Unreadable, mood: Mood | None) -> Triage:
    if message.reason == "no_text":
        # There is nothing for a person to read either, unless it goes on.
        nothing = Triage(
            decision=Decision.ANSWER, rule=message.reason, detail=UNREADABLE[message.reason]
        )
        return _not_understood(mood) or nothing
    # Nobody has read it, so a person should.
    return _escalated(message.reason, UNREADABLE[message.reason])


def _strong(scores: Assessment) -> Triage | None:
    """The decision on a message by itself that is strong and negative."""
    negative = scores.polarity is Polarity.NEGATIVE
    if negative and scores.severity >= scores.severity_threshold:
        return _escalated("strong_negative", _severity(scores))
    return None


def _upset(scores: Assessment, mood: Mood) -> Triage | None:
    """The decision on a message of a conversation that a person should see."""
    # A word list misses half of what is meant, so it hands over as early as on a single message.
    very = AT_THRESHOLD if scores.degraded else VERY_ANGRY
    if mood.anger >= very:
        detail = f"anger {mood.anger:.2f} >= {very:.2f} ({_severity(scores)}{_said(mood)})"
        return _escalated("strong_negative", detail)
    if mood.upset and mood.anger >= CALM:
        detail = f"level {mood.level:.2f}, anger {mood.anger:.2f}{_said(mood)}"
        return _escalated("sustained_anger", detail)
    if mood.complaints >= MAX_COMPLAINTS and mood.is_counted:
        return _escalated("repeated_complaint", f"{mood.complaints} complaints, no solution")
    return None


def _not_understood(mood: Mood | None) -> Triage | None:
    if mood is None or mood.misses < MAX_MISSES:
        return None
    return _escalated("not_understood", f"{mood.misses} messages in a row")


def _good_news(scores: Assessment, mood: Mood | None) -> Triage | None:
    """The decision on good news: they end a complaint, or are none."""
    if mood is None or not is_good_news(scores, mood.cues):
        return None
    if mood.complained:
        return Triage(decision=Decision.ANSWER, rule="positive_close", detail="good news")
    # "Great shop, nothing broken" is praise in the words of a complaint.
    praised = Triage(decision=Decision.ANSWER, rule="no_complaint", detail=_feels(scores))
    return praised if scores.valence > 0 else None


def _complaint(scores: Assessment, mood: Mood, *, task_intent: bool, may_clarify: bool) -> Triage:
    if task_intent:
        return Triage(decision=Decision.ANSWER, rule="task", detail=_feels(scores))
    if may_clarify and mood.anger < AT_THRESHOLD and close_categories(scores):
        detail = f"{scores.category} or {scores.runners_up[0].category}"
        return Triage(decision=Decision.CLARIFY, rule="close_categories", detail=detail)
    return Triage(decision=Decision.ANSWER, rule="complaint", detail=_feels(scores))


def _calm(scores: Assessment) -> Triage:
    rule = "complaint" if _is_complaint(scores) else "no_complaint"
    return Triage(decision=Decision.ANSWER, rule=rule, detail=_feels(scores))


def close_categories(scores: Assessment) -> bool:
    """Whether a message may as well be about the second of its categories as about the first."""
    if scores.category == OTHER or not scores.runners_up:
        return False
    return scores.similarity - scores.runners_up[0].similarity < CLOSE


def _complains(scores: Assessment, mood: Mood) -> bool:
    return mood.is_complaint or _is_complaint(scores)


def _is_complaint(scores: Assessment) -> bool:
    likely = scores.complaint >= LIKELY_COMPLAINT and scores.polarity is not Polarity.POSITIVE
    return likely or scores.polarity is Polarity.NEGATIVE


def _escalated(rule: str, detail: str) -> Triage:
    return Triage(decision=Decision.ESCALATE, rule=rule, detail=detail)


def _severity(scores: Assessment) -> str:
    sign = ">=" if scores.severity >= scores.severity_threshold else "<"
    return f"severity {scores.severity:.2f} {sign} {scores.severity_threshold:.2f}"


def _said(mood: Mood) -> str:
    said = [cue for cue in mood.cues if cue in WEIGHTS]
    return f"; {', '.join(said)}" if said else ""


def _feels(scores: Assessment) -> str:
    return f"{scores.polarity}, complaint {scores.complaint:.2f}"
