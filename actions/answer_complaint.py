"""Answers a complaint that needs no person."""

from collections.abc import Mapping, Sequence

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.asked import PERSON, asked_slot
from actions.message import (
    Message,
    language_of,
    stored_assessment,
    stored_mood,
    stored_others,
    stored_triage,
)
from actions.worded import Events, WordedAction, button, say, titles
from nlu.assessment import OTHER, Assessment, Polarity

OWN_BUTTONS: Mapping[str, tuple[str, ...]] = {
    "delivery": ("track_order", "change_address"),
    "damaged_or_defective": ("return", "refund"),
    "wrong_or_missing_item": ("return", "refund"),
    "returns_and_refunds": ("refund", "return"),
    "billing_and_payment": ("invoice", "refund"),
    "order_changes": ("change_order", "cancel_order"),
}
"""What the assistant can do itself about a category."""

OFFERED_FROM = 2
"""At so many complaints without a solution a person is offered."""


class AnswerComplaint(WordedAction):
    """Says something that fits the category, the polarity and the intensity.

    It names what else the message complains of, offers what the assistant can do about it, and a
    person: at the second complaint in so many words.
    """

    def name(self) -> str:
        """Name in the domain."""
        return "action_answer_complaint"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Answer the latest message."""
        message = Message.latest(tracker)
        decision = stored_triage(tracker, message)
        if decision is not None and decision.rule == "positive_close":
            return say(dispatcher, tracker, "good_news")
        apart = CollectingDispatcher()
        scores = _felt(stored_assessment(tracker, message))
        events = say(apart, tracker, "answer", scores)
        events += _name_others(apart, tracker, stored_others(tracker, message))
        offers = stored_mood(tracker).complaints >= OFFERED_FROM
        if offers:
            say(apart, tracker, "offer_person")
            events.append(asked_slot(message, PERSON))
        keys = (*OWN_BUTTONS.get(scores.category if scores else OTHER, ()), "person")
        _utter(dispatcher, apart, titles(tracker, *keys))
        return events


def _felt(scores: Assessment | None) -> Assessment | None:
    # Praise that is meant as scorn is answered as the complaint that it is.
    if scores is None or scores.polarity is not Polarity.POSITIVE:
        return scores
    return scores.model_copy(update={"polarity": Polarity.NEGATIVE})


def _name_others(
    dispatcher: CollectingDispatcher, tracker: Tracker, others: Sequence[str]
) -> Events:
    language = language_of(tracker)
    found = (services.categories().label(name, language) for name in others)
    labels = [label for label in found if label]
    if labels:
        # How a list reads is each language's own: a template may put another sign in.
        say(dispatcher, tracker, "also_named", facts={"others": ", ".join(labels)})
    return []


def _utter(
    dispatcher: CollectingDispatcher, apart: CollectingDispatcher, buttons: Sequence[str]
) -> None:
    """Say what was said apart as one message."""
    text = " ".join(said["text"] for said in apart.messages)
    dispatcher.utter_message(text=text, buttons=[button(title) for title in buttons])
