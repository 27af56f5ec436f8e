"""Whether a shopper asks how their case stands."""

import asyncio
import logging
import re

from actions import services
from actions.message import Message
from tickets.case import Ticket
from tickets.reference import ALPHABET, LENGTH, as_reference
from tickets.store import TicketStoreError
from tickets.triage import Decision, Triage

logger = logging.getLogger(__name__)

RULE = "case_status"

REFERENCE = re.compile(rf"\bAM\s?-\s?([{ALPHABET}]{{{LENGTH}}})\b", re.IGNORECASE)

ASKS = re.compile(
    r"\b(?:news|updates?|status|progress|happening|happened|what about|how about|"
    r"how(?:'s| is| are|s)|where is|where's|where are|heard|look(?:ed|ing)? (?:at|into)|"
    r"any(?:body|one)|still open|closed|resolved|check)\b"
)
CASE = re.compile(
    r"\b(?:my|our|the|this|that) (?:support |open |last )?"
    r"(?:case|ticket|reference)\b(?! (?:for|of) (?:my|the) (?:phone|tablet|watch))"
)


def reference_in(text: str) -> str | None:
    """The first ticket reference that a message names, as it is stored; None without one."""
    found = REFERENCE.search(text)
    return as_reference(found[1]) if found else None


def asks_in_words(text: str) -> bool:
    """Whether a message asks for news of "my case" or "my ticket"."""
    plain = text.casefold().replace("\u2019", "'")
    return bool(CASE.search(plain) and ASKS.search(plain))


async def asked_about_case(message: Message, decision: Triage) -> Triage:
    """The decision on a message, or that it asks about a case, where nothing graver was decided.

    A shop may sell cases for phones: without a ticket in the conversation and without a reference
    nobody asks about one.
    """
    if decision.decision is Decision.ESCALATE:
        return decision
    named = reference_in(message.text)
    if named is None and not (asks_in_words(message.text) and await _has_cases(message)):
        return decision
    detail = f"names {named}" if named else "asks about the case"
    return Triage(decision=Decision.ANSWER, rule=RULE, detail=detail)


def cases_of(conversation_id: str) -> tuple[Ticket, ...]:
    """The tickets of a conversation, the newest open one first.

    Raises:
        TicketStoreError: the database cannot be read.
    """
    return services.ticket_store().cases.of(conversation_id)


async def _has_cases(message: Message) -> bool:
    try:
        return bool(await asyncio.to_thread(cases_of, message.conversation_id))
    except TicketStoreError as error:
        logger.warning("whether there is a case is not known: %s", error)
        return False
