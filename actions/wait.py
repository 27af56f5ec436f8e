"""Takes down what a shopper says while a person talks with them or is waited for."""

import asyncio
from datetime import UTC, datetime

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.message import Message, stored_assessment
from actions.talking import Heard, back_words, hear, kind_in_danger, owner_of, record, score
from actions.worded import Events, WordedAction, say
from nlu.assessment import Assessment
from templates import Kind
from tickets.conversations import Line


class Wait(WordedAction):
    """Records the message for the people at the desk and says next to nothing.

    Channels other than the web chat come here with every message; the web chat asks the ticket
    store itself and gives messages to `POST /inbox`.
    """

    def name(self) -> str:
        """Name in the domain."""
        return "action_wait"

    def fallback_kind(self, tracker: Tracker) -> Kind:
        """Say that nothing was recorded for sure; what to do in danger goes first all the same."""
        return kind_in_danger(Message.latest(tracker).text) or "escalation_failed"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Record the latest message; say what the shopper is to be told, if anything."""
        message = Message.latest(tracker)
        line = _line(message)
        owner = await owner_of(message.conversation_id)
        if owner is not None and owner.talking == "bot":
            # Handed back since the message was assessed: the shopper must not wait in vain.
            return say(dispatcher, tracker, "fallback")
        found = stored_assessment(tracker, message)
        heard = await asyncio.to_thread(_taken_down, line, found, message.intent)
        if heard.told is not None:
            dispatcher.utter_message(text=heard.told.text)
        if heard.back is not None:
            dispatcher.utter_message(text=back_words(line.conversation_id))
        return []


def _taken_down(line: Line, found: Assessment | None, intent: str | None) -> Heard:
    record(line)
    owner = services.ticket_store().conversations.owner(line.conversation_id)
    if owner.talking == "waiting":
        return hear(line, found, intent)
    score(line, found)
    return Heard()


def _line(message: Message) -> Line:
    return Line(
        conversation_id=message.conversation_id,
        message_id=message.message_id,
        role="shopper",
        text=services.reader().read(message.text),
        created_at=datetime.now(UTC),
    )
