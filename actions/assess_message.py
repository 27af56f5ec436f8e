"""Scores every shopper message and decides what happens next."""

import asyncio
import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.asked import closed
from actions.case_question import asked_about_case
from actions.decide import Decided, decide
from actions.language import heard_in, heard_last, language_before, unread
from actions.message import (
    ASSESSMENT_SLOT,
    LANGUAGE_SLOT,
    MOOD_SLOT,
    TALKING_SLOT,
    TRIAGE_SLOT,
    Message,
    triage_slot,
)
from actions.talking import owner_of
from actions.worded import Events
from amends.settings import get_settings
from nlu.assessment import Assessment, Unreadable
from nlu.languages import Heard
from nlu.lexicon import assess_by_lexicon
from nlu.several import Several, parts, several
from tickets.triage import Triage

logger = logging.getLogger(__name__)

LANGUAGE_SHARE = 0.25
"""Of the time that an assessment may take; a language is told in a few milliseconds."""


class AssessMessage(Action):
    """Sets the slots `assessment`, `triage`, `talking`, `mood` and `language`; says nothing."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_assess_message"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Assess the latest message, by the model or in time without it."""
        message = Message.latest(tracker)
        until = asyncio.get_running_loop().time() + get_settings().assess_deadline_s
        (heard, found), owner = await asyncio.gather(
            _understood(message, tracker), owner_of(message.conversation_id)
        )
        talking = owner.talking if owner is not None else None
        decided = decide(tracker, message, found, talking)
        if decided.may_be_several:
            decided = decided.of_several(await _several(found.text, until))
        decision = await asked_about_case(message, decided.triage)
        return [
            SlotSet(LANGUAGE_SLOT, heard.language),
            *_events(message, decided, decision),
            # Where the ticket store does not say who talks, what was known last holds.
            *([SlotSet(TALKING_SLOT, talking)] if talking is not None else []),
            *closed(tracker),
        ]


def _events(message: Message, decided: Decided, decision: Triage) -> Events:
    scores = decided.assessment
    return [
        SlotSet(ASSESSMENT_SLOT, scores.model_dump(mode="json") if scores else None),
        SlotSet(TRIAGE_SLOT, triage_slot(message, decision, decided.others)),
        SlotSet(MOOD_SLOT, decided.mood.model_dump(mode="json")),
    ]


async def _understood(message: Message, tracker: Tracker) -> tuple[Heard, Assessment | Unreadable]:
    """The language of a message, and its scores where the models were made for it."""
    before = language_before(tracker)
    try:
        async with asyncio.timeout(get_settings().assess_deadline_s * LANGUAGE_SHARE):
            heard = await heard_in(message.text, before)
    except TimeoutError:
        logger.warning("the language of a message is not known in time; what was known last holds")
        heard = heard_last(before)
    return heard, await assess(message.text) if heard.readable else unread(message.text)


async def _several(text: str, until: float) -> Several | None:
    """The complaints of a message, where it has more than one and there is time to see."""
    try:
        async with asyncio.timeout_at(until):
            scored = [services.assessor().submit(part) for part in parts(text)]
            return several(await asyncio.gather(*map(asyncio.wrap_future, scored)))
    except TimeoutError:
        logger.info("no time to look at the parts of a message; it is answered as one complaint")
    except Exception:  # Whatever it is, the message as a whole is decided on.
        logger.exception("the parts of a message cannot be scored; it is answered as one complaint")
    return None


async def assess(text: str) -> Assessment | Unreadable:
    """Assess one message; by the lexicon, marked degraded, when the model is missing or slow."""
    try:
        async with asyncio.timeout(get_settings().assess_deadline_s):
            return await asyncio.wrap_future(services.assessor().submit(text))
    except TimeoutError:
        reason = f"the classifier took longer than {get_settings().assess_deadline_s:g} s"
    except Exception as error:  # Whatever keeps the model from scoring, the shopper gets an answer.
        logger.exception("the classifier cannot score; the lexicon does")
        reason = f"{type(error).__name__}: the classifier cannot score, see the log"
    return assess_by_lexicon(services.reader().read(text), reason)
