"""Answers what is no complaint by its intent."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.message import Message, stored_triage
from actions.worded import Events, WordedAction, say
from templates import Kind

KINDS: dict[str, Kind] = {
    "greet": "greeting",
    "thank": "thanks",
    "goodbye": "goodbye",
    "praise": "praise",
    "order_status": "order_status",
}


class AnswerIntent(WordedAction):
    """One reply for the latest intent."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_answer_intent"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Answer the latest message; what has no words, or no intent of ours, has its own reply."""
        message = Message.latest(tracker)
        decision = stored_triage(tracker, message)
        if decision is not None and decision.rule == "no_text":
            return say(dispatcher, tracker, "no_text")
        return say(dispatcher, tracker, KINDS.get(message.intent or "", "out_of_scope"))
