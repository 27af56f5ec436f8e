"""The action of a form: reads the slots, runs the engine, says what it says."""

import abc
import logging
from collections.abc import Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.forms.engine import Turn
from actions.forms.hearing import Heard, hear
from actions.forms.phrases import Phrases
from actions.forms.real_world import RealWorld, shop_time_s
from actions.forms.slots import access_of, active_form, events_of, task_of
from actions.forms.world import Saying
from actions.message import (
    LAST_REPLY_SLOT,
    TALKING_SLOT,
    Message,
    language_of,
    stored_assessment,
    stored_mood,
    stored_triage,
)
from actions.worded import Events, WordedAction, button, titles
from nlu.assessment import OTHER, Intensity, Polarity
from templates import Kind, Situation, TemplateError, last_words

logger = logging.getLogger(__name__)
COMPLAINTS = ("complaint", "task")
ORDER_NAMED = "order_named"


class FormAction(WordedAction, abc.ABC):
    """Base of the seven forms; each is its name alone."""

    @abc.abstractmethod
    def name(self) -> str:
        """Name in the domain."""

    def fallback_kind(self, tracker: Tracker) -> Kind:
        """Say that it did not work, and nothing of what was or was not done."""
        return "form_failed"

    def deadline_s(self) -> float:
        """The shop's time comes on top: nobody who asked for a deed is left without its outcome."""
        return super().deadline_s() + shop_time_s()

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Begin the form, or take the message as the next one within it."""
        world = RealWorld(tracker)
        turn = Turn(task_of(tracker), access_of(tracker), _heard(tracker, world.phrases), world)
        if active_form(tracker) == self.name() and turn.task.form == self.name():
            await turn.go_on()
        else:
            await turn.begin(self.name())
        waits = [SlotSet(TALKING_SLOT, "waiting")] if turn.waits else []
        said = say_together(dispatcher, tracker, turn.says, _titles(tracker, turn))
        return [*events_of(turn.task, turn.access), *said, *waits]


def say_together(
    dispatcher: CollectingDispatcher, tracker: Tracker, says: Sequence[Saying], buttons: list[str]
) -> Events:
    """Say several kinds of words as one message, with the buttons below it."""
    try:
        rendered = [_rendered(tracker, saying) for saying in says]
    except TemplateError:
        logger.exception("reply templates cannot be used")
        dispatcher.utter_message(text=last_words(language_of(tracker)))
        return []
    text = "\n\n".join(words for words, _ in rendered)
    dispatcher.utter_message(text=text, buttons=[button(title) for title in buttons])
    ids = [wording for _, wording in rendered if wording is not None]
    return [SlotSet(LAST_REPLY_SLOT, ids[-1])] if ids else []


def _rendered(tracker: Tracker, saying: Saying) -> tuple[str, str | None]:
    """The words and the id of the wording."""
    if saying.kind is None:
        return saying.text, None
    scores = stored_assessment(tracker, Message.latest(tracker))
    situation = Situation(
        kind=saying.kind,
        language=language_of(tracker),
        category=OTHER,
        polarity=scores.polarity if scores else Polarity.NEUTRAL,
        intensity=scores.intensity if scores else Intensity.WEAK,
        facts=saying.facts,
    )
    reply = services.replies().render(situation, tracker.get_slot(LAST_REPLY_SLOT))
    return reply.text, reply.id


def _titles(tracker: Tracker, turn: Turn) -> list[str]:
    keys = titles(tracker, *dict.fromkeys(turn.buttons))
    return [*turn.titles, *keys]


def _heard(tracker: Tracker, phrases: Phrases) -> Heard:
    message = Message.latest(tracker)
    decision, mood = stored_triage(tracker, message), stored_mood(tracker)
    rule = decision.rule if decision is not None else None
    return hear(
        message.text,
        services.reader().read(message.text),
        phrases,
        message.intent,
        message.confidence,
        complains=rule in COMPLAINTS or (rule == ORDER_NAMED and mood.is_complaint),
        falling=mood.falling,
    )
