"""In which language a shopper is answered, and whether the models may score their words."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker

from actions import services
from actions.message import LANGUAGE_SLOT
from amends.settings import get_settings
from nlu.assessment import Unreadable
from nlu.languages import Heard

LINES = 5
"""So many messages tell the language of a shopper who waits."""

logger = logging.getLogger(__name__)


def language_before(tracker: Tracker) -> str | None:
    """The language of the conversation so far; at its first message the page's, if it may be.

    A page tells how the shop speaks, not how the shopper does: one whose language the models do
    not read must not hand over everybody who begins with "ok".
    """
    known: str | None = tracker.get_slot(LANGUAGE_SLOT)
    if known:
        return known
    metadata: dict[str, Any] = tracker.latest_message.get("metadata") or {}
    page = str(metadata.get("language") or "")[:2].lower()
    return page if page in get_settings().languages else None


async def heard_in(text: str, before: str | None = None) -> Heard:
    """Tell in which language a message is; that of the conversation when it cannot be told."""
    try:
        return await asyncio.to_thread(services.languages().read, text, before)
    except Exception:  # Whatever it is, the shopper gets an answer.
        logger.exception("the language of a message is not known; what was known last holds")
        return heard_last(before)


def heard_last(before: str | None) -> Heard:
    """What is taken for granted where the language of a message is not known."""
    settings = get_settings()
    # At the beginning nothing speaks for a language that the models do not read.
    return Heard(before or settings.language, before is None or before in settings.languages)


def language_in(texts: Sequence[str]) -> str:
    """The language of messages in their order, each read in the light of those before."""
    language: str | None = None
    for text in texts:
        language = services.languages().read(text, language).language
    return language or get_settings().language


def language_said(conversation_id: str) -> str:
    """The language of a conversation by what is on record of it; the shop's if nothing is.

    Raises:
        TicketStoreError: the record cannot be read.
    """
    lines = services.ticket_store().conversations.lines(conversation_id)
    said = [line.text for line in lines if line.role == "shopper"]
    return language_in(said[-LINES:])


def unread(text: str) -> Unreadable:
    """What is known of a message in a language that the models were not made for."""
    return Unreadable(text=services.reader().read(text), reason="other_language")
