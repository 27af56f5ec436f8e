"""Answers what is no complaint by its intent."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answer_policy import look_up, quote
from actions.asked import PERSON, asked_slot
from actions.message import TASK_SLOT, Message, language_of, stored_mood, stored_triage
from actions.worded import Events, WordedAction, say, titles
from templates import Kind

KINDS: dict[str, Kind] = {
    "greet": "greeting",
    "thank": "thanks",
    "goodbye": "goodbye",
    "praise": "praise",
    "affirm": "affirm",
    "deny": "deny",
    "bot_challenge": "bot_challenge",
    "out_of_scope": "out_of_scope",
    "nlu_fallback": "not_understood",
}
PERSON_BUTTON = ("person",)
MAIN = ("track_order", "return", "delivery_times", "person")
"""Something of each thing that the assistant does."""

BUTTONS: dict[Kind, tuple[str, ...]] = {
    "greeting": MAIN,
    "affirm": MAIN,
    "rephrase_help": ("track_order", "cancel_order", "return", "delivery_times", "person"),
    "bot_challenge": PERSON_BUTTON,
    "not_understood": PERSON_BUTTON,
    "out_of_scope": PERSON_BUTTON,
    "no_text": PERSON_BUTTON,
}
"""Keys of `templates/en/buttons.yml`."""

UNKNOWN: frozenset[Kind] = frozenset({"out_of_scope", "not_understood", "rephrase_help"})
"""The policies may know what no intent is for."""


class AnswerIntent(WordedAction):
    """One reply for the latest intent."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_answer_intent"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Answer the latest message; what has no words, or no intent of ours, has its own reply."""
        message = Message.latest(tracker)
        kind = kind_for(tracker, message)
        found = await look_up(message, language_of(tracker)) if kind in UNKNOWN else None
        if found is not None and found.sure:
            return quote(dispatcher, tracker, found, PERSON_BUTTON)
        said = say(dispatcher, tracker, kind, buttons=titles(tracker, *BUTTONS.get(kind, ())))
        return [*said, asked_slot(message, PERSON)] if kind == "rephrase_help" else said


def kind_for(tracker: Tracker, message: Message) -> Kind:
    """What the reply to a message is for."""
    decision = stored_triage(tracker, message)
    if decision is not None and decision.rule == "no_text":
        return "no_text"
    if message.intent == "thank" and (tracker.get_slot(TASK_SLOT) or {}).get("solved"):
        return "solved_thanks"
    kind = KINDS.get(message.intent or "", "out_of_scope")
    again = kind == "not_understood" and stored_mood(tracker).misses > 1
    return "rephrase_help" if again else kind
