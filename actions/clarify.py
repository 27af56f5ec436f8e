"""Asks which of two categories a complaint is about."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.asked import CATEGORY, asked_slot, choice_titles
from actions.message import Message, language_of, stored_assessment
from actions.worded import Events, WordedAction, say
from nlu.assessment import Assessment


class Clarify(WordedAction):
    """One question with a button for each of the two, and one for something else."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_clarify"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Ask about the latest message; answer it where there is nothing to ask."""
        message = Message.latest(tracker)
        scores = stored_assessment(tracker, message)
        options = _options(scores) if scores else []
        if scores is None or len(options) < 2:  # noqa: PLR2004
            return say(dispatcher, tracker, "answer", scores)
        language = language_of(tracker)
        first, second = (services.categories().label(name, language) for name in options)
        facts = {"first": first, "second": second}
        buttons = choice_titles(options, language)
        said = say(dispatcher, tracker, "clarify", facts=facts, buttons=buttons)
        complaint = scores.model_dump(mode="json")
        return [*said, asked_slot(message, CATEGORY, {"options": options, "assessment": complaint})]


def _options(scores: Assessment) -> list[str]:
    """The two closest categories that the shop has."""
    ranked = [scores.category, *(one.category for one in scores.runners_up)]
    return [name for name in ranked if services.categories().label(name)][:2]
