"""Answers a question about the shop in the words of its own policy file, with the line."""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.asked import PERSON, asked_slot
from actions.message import (
    LAST_REPLY_SLOT,
    Message,
    language_of,
    stored_assessment,
)
from actions.worded import Events, WordedAction, say, titles
from nlu.assessment import Polarity
from templates import Kind, Situation, TemplateError

if TYPE_CHECKING:
    from nlu.policies import PolicyAnswer

logger = logging.getLogger(__name__)

BUTTONS: dict[str, tuple[str, ...]] = {
    "check_cancellation_fee": ("cancel_order",),
    "check_refund_policy": ("refund", "return"),
    "contact_customer_service": ("person",),
    "delivery_period": ("track_order",),
    "payment_issue": ("person",),
    "registration_problems": ("person",),
    "set_up_shipping_address": ("change_address",),
}
"""What a shopper may want to do next, by intent: keys of `templates/en/buttons.yml`."""


class AnswerPolicy(WordedAction):
    """Quotes the policies, or says that they hold no answer and offers a person."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_answer_policy"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Answer the latest message."""
        message = Message.latest(tracker)
        assessment = stored_assessment(tracker, message)
        found = await look_up(message, language_of(tracker))
        if found is None:
            buttons = titles(tracker, "person")
            said = say(dispatcher, tracker, "policy_unanswered", assessment, buttons=buttons)
            return [*said, asked_slot(message, PERSON)]
        keys = BUTTONS.get(message.intent or "", ()) if found.sure else ("person",)
        said = quote(dispatcher, tracker, found, keys)
        return said if found.sure else [*said, asked_slot(message, PERSON)]


def quote(
    dispatcher: CollectingDispatcher, tracker: Tracker, found: "PolicyAnswer", keys: Sequence[str]
) -> Events:
    """Say what was found, with the buttons of these keys; one who is upset reads sympathy first."""
    assessment = stored_assessment(tracker, Message.latest(tracker))
    kind = kind_of(found, language_of(tracker))
    return say(
        dispatcher, tracker, kind, assessment, facts_of(found), buttons=titles(tracker, *keys)
    )


async def policy_words(tracker: Tracker, message: Message) -> str | None:
    """What the policies say about a message, worded, with the line; None where they say nothing.

    For a message inside a form, which asks a question of its own: only a line that is sure to
    answer it counts, and nothing is asked in return.
    """
    found = await look_up(message, language_of(tracker))
    if found is None or not found.sure:
        return None
    assessment = stored_assessment(tracker, message)
    situation = Situation(
        kind=kind_of(found, language_of(tracker)),
        language=language_of(tracker),
        polarity=assessment.polarity if assessment else Polarity.NEUTRAL,
        facts=facts_of(found),
    )
    try:
        return services.replies().render(situation, tracker.get_slot(LAST_REPLY_SLOT)).text
    except TemplateError:
        logger.exception("the words around a policy cannot be used")
        return None


async def look_up(message: Message, language: str) -> "PolicyAnswer | None":
    """What the policies say about a message, found in the thread that embeds questions.

    Who gives up waiting leaves the queue, so that it is never longer than the deadline.
    """
    future = services.policy_thread().submit(_answer, message, language)
    return await asyncio.wrap_future(future)


def kind_of(found: "PolicyAnswer", language: str) -> Kind:
    """Which words go around what was found."""
    if not found.sure:
        return "policy_nearest"
    return "policy_answer" if found.language == language else "policy_other_language"


def facts_of(found: "PolicyAnswer") -> dict[str, str]:
    """The quotes as facts of a template: text, which is never read as one."""
    facts = dict.fromkeys(("quote_2", "heading_2", "line_2"), "")
    for quote, end in zip(found.quotes, ("", "_2"), strict=False):
        facts |= {
            f"quote{end}": quote.text,
            f"heading{end}": quote.heading,
            f"line{end}": str(quote.line),
        }
    return facts


def _answer(message: Message, language: str) -> "PolicyAnswer | None":
    question = services.reader().read(message.text)
    return services.policies().answer(message.intent, question, language)
