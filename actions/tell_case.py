"""Tells a shopper how their case stands."""

import asyncio

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.case_question import cases_of, reference_in
from actions.message import Message, language_of
from actions.talking import when_answered
from actions.worded import Events, WordedAction, say
from templates import Kind
from tickets.case import Status, Ticket

KINDS: dict[Status, Kind] = {
    Status.OPEN: "case_waiting",
    Status.CLAIMED: "case_claimed",
    Status.RESOLVED: "case_closed",
}


class TellCase(WordedAction):
    """Says whether a case of this conversation waits, is with a colleague, or is closed."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_tell_case"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Tell of the case that is named, else of the newest one."""
        message = Message.latest(tracker)
        cases = await asyncio.to_thread(cases_of, message.conversation_id)
        case = _meant(cases, reference_in(message.text))
        if case is None:
            # Of a case of somebody else's nothing is said, not even that there is one.
            return say(dispatcher, tracker, "case_unknown")
        facts = {
            "reference": case.reference,
            "category_label": services.categories().label(case.category, language_of(tracker)),
            "expectation": await asyncio.to_thread(
                when_answered, message.conversation_id, language_of(tracker)
            ),
        }
        return say(dispatcher, tracker, KINDS[case.status], facts=facts)


def _meant(cases: tuple[Ticket, ...], reference: str | None) -> Ticket | None:
    if reference is None:
        return next(iter(cases), None)
    return next((case for case in cases if case.reference == reference), None)
