"""Decides on a message in its conversation: its scores, the mood, and what was asked before."""

import logging
from dataclasses import dataclass, replace

from rasa_sdk import Tracker

from actions.asked import CATEGORY, accepts_person, chosen, open_question
from actions.forms import FORM_OF_INTENT
from actions.forms.hearing import is_pasted
from actions.forms.slots import active_form, task_of
from actions.forms.state import Question
from actions.message import TALKING_SLOT, TASK_SLOT, Message, stored_mood
from amends.orders.numbers import email_in, order_number_in
from nlu.assessment import Assessment, Polarity, Unreadable
from nlu.policy_file import POLICY_INTENTS
from nlu.several import Several
from tickets.cues import CuesError
from tickets.mood import Mood
from tickets.triage import CALM, Decision, Triage, triage

logger = logging.getLogger(__name__)

SURE = 0.5
"""From this confidence on a complaint is taken for what its intent says that it is about."""

CLEAR_COMPLAINT = 0.7
"""From this probability on a negative message is a complaint beside a form's question too: three in
four of the tune half's complaints, one in four of its other messages."""

EXPLAINED = POLICY_INTENTS - {"contact_customer_service", "place_order", "review"}
"""Intents that the shop's policies answer; for a calm complaint that is more help than sympathy."""

ORDER_NAMED = {
    "decision": Decision.ANSWER,
    "rule": "order_named",
    "detail": "names an order and its e-mail address",
}

COMPLAINTS = ("complaint", "close_categories")


@dataclass(frozen=True)
class Decided:
    """What became of a message.

    Attributes:
        assessment: What is answered; None where nothing scored it.
        triage: What happens next.
        mood: How the conversation went, with this message.
        others: Categories of what else the message complains of.
        is_new: Whether it is a message of its own, and not the answer to a question of ours.
    """

    assessment: Assessment | None
    triage: Triage
    mood: Mood
    others: tuple[str, ...] = ()
    is_new: bool = True

    @property
    def may_be_several(self) -> bool:
        """Whether its parts should be looked at."""
        scored = self.assessment is not None and not self.assessment.degraded
        return scored and self.is_new and self.triage.rule in COMPLAINTS

    def of_several(self, found: Several | None) -> "Decided":
        """The same for a message of several complaints: then nobody is asked which one it is."""
        if found is None or self.assessment is None:
            return self
        assessment = self.assessment.model_copy(update={"category": found.main})
        detail = f"{found.main}, also {', '.join(found.others)}"
        answer = {"decision": Decision.ANSWER, "rule": "complaint", "detail": detail}
        return replace(
            self,
            assessment=assessment,
            triage=self.triage.model_copy(update=answer),
            others=found.others,
        )


def decide(
    tracker: Tracker, message: Message, found: Assessment | Unreadable, talking: str | None
) -> Decided:
    """Decide on the latest message.

    Args:
        tracker: The conversation.
        message: The message.
        found: What the understanding room says of it.
        talking: Who talks now, as the ticket store says; None when it does not say.
    """
    asked = open_question(tracker)
    choice = chosen(asked, message, tracker)
    form = active_form(tracker)
    mood = _before(tracker, talking)
    try:
        mood = mood.after(
            found,
            message.intent,
            message.message_id,
            is_answer=bool(choice) or _answers_form(tracker, message, found),
        )
    except CuesError:
        logger.exception("the mood is not known; this message is decided on by itself")
        return _alone(found, message, mood)
    decision = triage(
        found,
        message.intent,
        mood,
        task_intent=_is_task(message, mood),
        may_clarify=form is None and (asked is None or asked["kind"] != CATEGORY),
    )
    scores = found if isinstance(found, Assessment) else None
    if decision.decision is Decision.ESCALATE:
        return Decided(scores, decision, mood)
    accepted = accepts_person(asked, message)
    if accepted is not None:
        return Decided(scores, accepted.model_copy(update={"repeats": mood.complaints}), mood)
    if choice is not None:
        return Decided(choice, _said(choice), mood, is_new=False)
    if form is None and _names_order(message):
        return Decided(scores, decision.model_copy(update=ORDER_NAMED), mood)
    return Decided(scores, decision, mood, is_new=form is None)


def _answers_form(tracker: Tracker, message: Message, found: Assessment | Unreadable) -> bool:
    """Whether a message within a form answers it, or is the form's to make sense of.

    A complaint answers only where it is a reason; a paste of many lines is nobody's words.
    """
    if active_form(tracker) is None:
        return False
    complains = (
        isinstance(found, Assessment)
        and found.polarity is Polarity.NEGATIVE
        and found.complaint >= CLEAR_COMPLAINT
        and not is_pasted(message.text)
    )
    return not complains or task_of(tracker).question is Question.REASON


def _alone(found: Assessment | Unreadable, message: Message, mood: Mood) -> Decided:
    scores = found if isinstance(found, Assessment) else None
    return Decided(scores, triage(found, message.intent), mood)


def _said(choice: Assessment) -> Triage:
    detail = f"said what it is about: {choice.category}"
    return Triage(decision=Decision.ANSWER, rule="complaint", detail=detail)


def _is_task(message: Message, mood: Mood) -> bool:
    if message.confidence < SURE:
        return False
    return message.intent in FORM_OF_INTENT or (message.intent in EXPLAINED and mood.anger < CALM)


def _names_order(message: Message) -> bool:
    """Whether the shopper proves an order to be theirs, and no form is what they clearly want."""
    wants = message.intent in FORM_OF_INTENT and message.confidence >= SURE
    return not wants and bool(order_number_in(message.text) and email_in(message.text))


def _before(tracker: Tracker, talking: str | None) -> Mood:
    """The mood up to this message; what was solved since the one before it is over."""
    mood = stored_mood(tracker)
    waited = tracker.get_slot(TALKING_SLOT) in ("waiting", "agent")
    is_back = waited and talking == "bot"
    return mood.solved() if is_back or _just_solved(tracker) else mood


def _just_solved(tracker: Tracker) -> bool:
    """Whether a form did what the shopper wanted in answer to the message before this one."""
    users = [place for place, event in enumerate(tracker.events) if event.get("event") == "user"]
    if len(users) < 2:  # noqa: PLR2004
        return False
    turn = tracker.events[users[-2] : users[-1]]
    tasks = [event.get("value") or {} for event in turn if event.get("name") == TASK_SLOT]
    return any(task.get("solved") and not task.get("form") for task in tasks)
