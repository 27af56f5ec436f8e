"""What a question of ours was about that is open outside a form, and what the shopper answered."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions import services
from actions.message import ASKED_SLOT, Message, language_of
from nlu.assessment import OTHER, Assessment
from tickets.triage import Decision, Triage
from tickets.wording import plain, words

CATEGORY = "category"
PERSON = "person"
OURS = (CATEGORY, PERSON)
"""Kinds of questions that are dealt with here; another one is left to who asked it."""

YES = re.compile(
    r"(?:(?:yes|yeah|yep|yup|ok|okay|sure|please|absolutely|definitely|of course) )"
    r"(?:(?:yes|please|thanks|thank you|do|do so|go ahead|that would be (?:good|great|nice)|"
    r"id like that|i would|a person) )*|please do |go ahead |"
    # Chinese is read a character at a time.
    r"(?:是 的|是|好 的|好|要|可 以|行|嗯|对) "
    r"(?:(?:是 的|好 的|麻 烦 了|谢 谢|人 工|人 工 客 服) )*"
)
NEITHER = re.compile(
    r"(?:something|anything|somewhere) else |neither.*|none of (?:them|these|those) "
)
ORDINALS = (
    re.compile(r"(?:the )?(?:first|1st)(?: one)? "),
    re.compile(r"(?:the )?second(?: one)? "),
)

LONGEST_CHOICE = 12
"""Words of an answer that names a category; a longer one is a new message."""

COMMON = frozenset(
    ("your", "you", "the", "a", "an", "our", "and", "or", "of", "with", "in", "to", "for", "its")
)
STEM = 5
"""So many letters tell a word from others: "deliver" is about "delivery"."""


def asked_slot(
    message: Message, kind: str, what: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The event that remembers a question, asked in answer to this message.

    Args:
        message: The message.
        kind: What is asked: `category` or `person`.
        what: What else there is to know when it is answered.
    """
    asked = {"kind": kind, "message_id": message.message_id, **(what or {})}
    event: dict[str, Any] = SlotSet(ASKED_SLOT, asked)
    return event


def open_question(tracker: Tracker) -> Mapping[str, Any] | None:
    """What was asked in answer to the message before this one; None for nothing of ours.

    A question is open for one message: who writes about something else has answered it.
    """
    asked = tracker.get_slot(ASKED_SLOT)
    if not isinstance(asked, Mapping) or asked.get("kind") not in OURS:
        return None
    before = _message_before(tracker)
    return asked if before is None or asked.get("message_id") == before else None


def closed(tracker: Tracker) -> list[dict[str, Any]]:
    """The events that close what was asked, in time or not; none where nothing of ours was."""
    asked = tracker.get_slot(ASKED_SLOT)
    ours = isinstance(asked, Mapping) and asked.get("kind") in OURS
    return [SlotSet(ASKED_SLOT, None)] if ours else []


def accepts_person(asked: Mapping[str, Any] | None, message: Message) -> Triage | None:
    """The decision on a yes to the offer of a person; None for anything else."""
    if asked is None or asked["kind"] != PERSON:
        return None
    if message.intent != "affirm" and not YES.fullmatch(words(plain(message.text))):
        return None
    detail = "said yes to the offer of a person"
    return Triage(decision=Decision.ESCALATE, rule="person", detail=detail)


def chosen(
    asked: Mapping[str, Any] | None, message: Message, tracker: Tracker
) -> Assessment | None:
    """The complaint that was asked about, with the category that the shopper chose; else None."""
    if asked is None or asked["kind"] != CATEGORY:
        return None
    try:
        complaint = Assessment.model_validate(asked.get("assessment"))
    except ValidationError:
        return None  # Of an older version.
    category = _choice(message.text, asked.get("options") or (), language_of(tracker))
    return complaint.model_copy(update={"category": category}) if category else None


def choice_titles(options: Sequence[str], language: str) -> list[str]:
    """What the buttons say that stand for these categories, and for something else."""
    labels = [services.categories().label(name, language) for name in options]
    other = services.buttons().of("something_else", language)
    return [*(label[:1].upper() + label[1:] for label in labels), other]


def _choice(text: str, options: Sequence[str], language: str) -> str | None:
    said = words(plain(text))
    *titles, other = (words(plain(title)) for title in choice_titles(options, language))
    if said == other or NEITHER.fullmatch(said):
        return OTHER
    by_order = [name for name, nth in zip(options, ORDINALS, strict=False) if nth.fullmatch(said)]
    exact = [name for name, title in zip(options, titles, strict=True) if title == said]
    if len(said.split()) > LONGEST_CHOICE:
        return None
    named = [n for n, title in zip(options, titles, strict=True) if _stems(title) & _stems(said)]
    return next((found[0] for found in (exact, by_order, named) if len(found) == 1), None)


def _stems(said: str) -> set[str]:
    return {word[:STEM] for word in said.split() if word not in COMMON}


def _message_before(tracker: Tracker) -> str | None:
    said = [event for event in tracker.events if event.get("event") == "user"]
    return str(said[-2].get("message_id")) if len(said) > 1 else None
