"""Answers a complaint that needs no person."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.message import Message, stored_assessment
from actions.worded import Events, WordedAction, say


class AnswerComplaint(WordedAction):
    """Says something that fits the category, the polarity and the intensity."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_answer_complaint"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Answer the latest message."""
        message = Message.latest(tracker)
        return say(dispatcher, tracker, "answer", stored_assessment(tracker, message))
