"""Hands a case to a person: first the ticket is committed, then the shopper is told."""

import asyncio

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.forms import paused
from actions.message import (
    TALKING_SLOT,
    TRIAGE_SLOT,
    Message,
    language_of,
    stored_assessment,
    stored_triage,
)
from actions.talking import when_answered
from actions.worded import Events, WordedAction, say
from nlu.assessment import OTHER
from templates import Kind
from tickets.store import Case, Escalation
from tickets.triage import Decision, Triage

KINDS: dict[str, Kind] = {
    "person": "handover_person",
    "other_language": "handover_language",
    "other_script": "handover_language",
    "safety": "safety",
    "self_harm": "self_harm",
}
NAME_CHARS = 255
FAILED: dict[str, Kind] = {"safety": "safety_failed", "self_harm": "self_harm_failed"}


class Escalate(WordedAction):
    """Opens a ticket, or adds to the open one, and confirms what was committed."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_escalate"

    def fallback_kind(self, tracker: Tracker) -> Kind:
        """Say that nothing was recorded for sure; what to do in danger goes first all the same."""
        rule: str = (tracker.get_slot(TRIAGE_SLOT) or {}).get("rule", "")
        return FAILED.get(rule, "escalation_failed")

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Commit the case, then word the confirmation from the committed ticket."""
        case = case_of(tracker)
        escalation = await asyncio.to_thread(_commit, case)
        ticket = escalation.ticket
        facts = {
            "reference": ticket.reference,
            "category_label": services.categories().label(ticket.category, language_of(tracker)),
            "expectation": await asyncio.to_thread(
                when_answered, case.conversation_id, language_of(tracker)
            ),
        }
        waits = SlotSet(TALKING_SLOT, "waiting")
        said = say(dispatcher, tracker, _kind(case, escalation), facts=facts)
        # A form is left, not ended: it can be gone on with when the person hands back.
        return [*paused(tracker), *said, waits]


def case_of(tracker: Tracker) -> Case:
    """What the agent gets to know of the latest message."""
    message = Message.latest(tracker)
    assessment = stored_assessment(tracker, message)
    return Case(
        conversation_id=message.conversation_id,
        message_id=message.message_id,
        text=services.reader().read(message.text),
        category=assessment.category if assessment else OTHER,
        triage=stored_triage(tracker, message) or _unassessed(message),
        assessment=assessment.model_dump(mode="json") if assessment else None,
        shopper_name=_name(message),
    )


def _name(message: Message) -> str | None:
    if not message.shopper_name:
        return None
    return services.reader().read(message.shopper_name)[:NAME_CHARS]


def _unassessed(message: Message) -> Triage:
    return Triage(
        decision=Decision.ESCALATE, rule="person", detail=f"intent {message.intent}, not assessed"
    )


def _commit(case: Case) -> Escalation:
    return services.ticket_store().escalate(case)


def _kind(case: Case, escalation: Escalation) -> Kind:
    if case.triage.rule in KINDS:
        return KINDS[case.triage.rule]
    return "escalated" if escalation.outcome == "opened" else "appended"
