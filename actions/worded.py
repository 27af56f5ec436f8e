"""An action that always ends in words and always in time."""

import abc
import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.message import LAST_REPLY_SLOT, language_of
from amends.settings import get_settings
from nlu.assessment import OTHER, Assessment, Intensity, Polarity
from templates import Kind, Situation, TemplateError, last_words

Events = list[dict[str, Any]]
logger = logging.getLogger(__name__)


class WordedAction(Action, abc.ABC):
    """Base of the actions that say something.

    Whatever goes wrong, and when time is up, the shopper reads its fallback words.
    """

    @abc.abstractmethod
    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Say what there is to say and return the events."""

    def fallback_kind(self, tracker: Tracker) -> Kind:
        """What to say when there is no answer; reads slots at most, so that it cannot fail."""
        return "fallback"

    def deadline_s(self) -> float:
        """After how many seconds the fallback words are said."""
        return get_settings().action_deadline_s

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Answer before the deadline, or say that it did not work."""
        try:
            async with asyncio.timeout(self.deadline_s()):
                return await self.answer(dispatcher, tracker)
        except Exception:  # A reply must go out whatever failed; what failed is in the log.
            logger.exception("%s failed; the shopper reads its fallback words", self.name())
            return say(dispatcher, tracker, self.fallback_kind(tracker))


def say(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    kind: Kind,
    assessment: Assessment | None = None,
    facts: Mapping[str, str] | None = None,
    buttons: Sequence[str] = (),
) -> Events:
    """Say a reply of this kind, in other words than the last one.

    Args:
        dispatcher: Takes the words to the shopper.
        tracker: The conversation.
        kind: What the reply is for.
        assessment: Of the message that is answered, where the words depend on how it feels.
        facts: What the words may use; see `templates.kinds.FACTS`.
        buttons: Titles of the buttons below it, in the shopper's language; a press sends the title.

    Returns:
        The event that remembers which words were used.
    """
    language = language_of(tracker)
    situation = Situation(
        kind=kind,
        language=language,
        category=assessment.category if assessment else OTHER,
        polarity=assessment.polarity if assessment else Polarity.NEUTRAL,
        intensity=assessment.intensity if assessment else Intensity.WEAK,
        facts=facts or {},
    )
    try:
        reply = services.replies().render(situation, tracker.get_slot(LAST_REPLY_SLOT))
    except TemplateError:
        logger.exception("reply templates cannot be used")
        dispatcher.utter_message(text=last_words(language))
        return []
    dispatcher.utter_message(text=reply.text, buttons=[button(title) for title in buttons])
    return [SlotSet(LAST_REPLY_SLOT, reply.id)]


def button(title: str) -> dict[str, str]:
    """A quick-reply button of Rasa's."""
    return {"title": title, "payload": title}


def titles(tracker: Tracker, *keys: str) -> list[str]:
    """What the buttons with these keys say in the shopper's language."""
    return [services.buttons().of(key, language_of(tracker)) for key in keys]
