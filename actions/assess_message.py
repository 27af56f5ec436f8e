"""Scores every shopper message and decides what happens next."""

import asyncio
import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.case_question import asked_about_case
from actions.message import (
    ASSESSMENT_SLOT,
    TALKING_SLOT,
    TRIAGE_SLOT,
    Message,
    triage_slot,
)
from actions.talking import owner_of
from actions.worded import Events
from amends.settings import get_settings
from nlu.assessment import Assessment, Unreadable
from nlu.lexicon import assess_by_lexicon
from tickets.triage import triage

logger = logging.getLogger(__name__)


class AssessMessage(Action):
    """Sets the slots `assessment`, `triage` and `talking`; says nothing."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_assess_message"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Assess the latest message, by the model or in time without it."""
        message = Message.latest(tracker)
        assessment, owner = await asyncio.gather(
            assess(message.text), owner_of(message.conversation_id)
        )
        decision = await asked_about_case(message, triage(assessment, message.intent))
        scores = assessment.model_dump(mode="json") if _scored(assessment) else None
        # Where the ticket store does not say who talks, what was known last holds.
        talking = [SlotSet(TALKING_SLOT, owner.talking)] if owner is not None else []
        return [
            SlotSet(ASSESSMENT_SLOT, scores),
            SlotSet(TRIAGE_SLOT, triage_slot(message, decision)),
            *talking,
        ]


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


def _scored(assessment: Assessment | Unreadable) -> bool:
    return isinstance(assessment, Assessment)
