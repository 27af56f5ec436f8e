"""What happens with a message while a person talks with the shopper, or is waited for."""

import asyncio
import hashlib
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from actions import services
from actions.language import language_in, language_said
from amends.settings import get_settings
from nlu.assessment import OTHER, Assessment, Unreadable
from templates import Kind, Situation, TemplateError, last_words
from tickets.case import Case
from tickets.conversations import Line, Owner
from tickets.expectation import expectation
from tickets.notices import asks_for_assistant, notice, waiting_notice
from tickets.record import SHOPPER
from tickets.store import TicketStore, TicketStoreError
from tickets.takeover import Standing
from tickets.triage import Decision, Triage, by_words, triage

logger = logging.getLogger(__name__)

DANGER: dict[str, tuple[Kind, Kind]] = {
    "safety": ("safety", "safety_failed"),
    "self_harm": ("self_harm", "self_harm_failed"),
}
"""What to say to a shopper in danger, by rule: with the case recorded, and without."""


@dataclass(frozen=True)
class Told:
    """What the shopper reads although the assistant is silent; the same id is shown once."""

    id: str
    text: str


@dataclass(frozen=True)
class Heard:
    """What became of a message.

    Attributes:
        told: What the shopper is to read in return; None for silence.
        back: Who talks from now on, where the shopper asked for the assistant.
    """

    told: Told | None = None
    back: Standing | None = None


async def owner_of(conversation_id: str) -> Owner | None:
    """Who talks there; None when the ticket store does not say so in time."""
    try:
        async with asyncio.timeout(get_settings().assess_deadline_s):
            return await asyncio.to_thread(
                lambda: services.ticket_store().conversations.owner(conversation_id)
            )
    except TimeoutError:
        logger.warning("who talks is not known: the ticket store is late")
    except Exception:  # Whatever it is, the message must be assessed and dealt with.
        logger.exception("who talks is not known; what was known last holds")
    return None


def record(line: Line) -> bool:
    """Commit what the shopper said; whether it is new.

    Raises:
        TicketStoreError: nothing was written.
    """
    store = services.ticket_store()
    new = store.conversations.record(line)
    if line.name:
        store.conversations.name_shopper(line.conversation_id, line.name)
    return new


def hear(
    line: Line,
    found: Assessment | Unreadable | None,
    intent: str | None,
    *,
    again: bool = False,
) -> Heard:
    """Deal with a message that is on record, of a shopper who waits; may be repeated.

    The only words for them are a notice in each wait, and what to do in danger.

    Args:
        line: The message, masked.
        found: Its scores; None when there are none.
        intent: What the assistant takes it for; None when it has no guess.
        again: Whether the message came before, and what was to be told may have been lost.

    Raises:
        TicketStoreError: not all of it was written; repeat it.
    """
    store = services.ticket_store()
    ticket = store.cases.active(line.conversation_id)
    if ticket is not None and asks_for_assistant(line.text):
        return Heard(back=store.takeover.hand_back(ticket.reference, SHOPPER))
    score(line, found)
    decision = triage(found, intent) if found is not None else by_words(line.text, intent)
    if decision is not None and decision.decision is Decision.ESCALATE:
        reference = _appended(store, line, found, decision)
        if decision.rule in DANGER:
            return Heard(_in_danger(store, line, DANGER[decision.rule][0], reference))
    return Heard(_notice_of_wait(store, line.conversation_id, again=again))


def score(line: Line, found: Assessment | Unreadable | None) -> None:
    """Store the scores of a message beside it, if it has any.

    Raises:
        TicketStoreError: nothing was written.
    """
    if isinstance(found, Assessment):
        scores = found.model_dump(mode="json")
        services.ticket_store().conversations.score(line.conversation_id, line.message_id, scores)


def words_in_danger(line: Line) -> Told | None:
    """What to tell a shopper in danger whose message could not be recorded; None for others."""
    kind = kind_in_danger(line.text)
    return (
        None if kind is None else Told(_id("failed", line), _words(kind, language_in([line.text])))
    )


def kind_in_danger(text: str) -> Kind | None:
    """What to say to a message of danger that could not be recorded; None for others."""
    decision = by_words(text, None)
    return DANGER[decision.rule][1] if decision is not None and decision.rule in DANGER else None


def when_answered(conversation_id: str, language: str | None = None) -> str:
    """When the shopper may expect a person; "" when the ticket store does not say."""
    try:
        before = services.ticket_store().cases.before(conversation_id)
    except TicketStoreError as error:
        # The case is committed: that is what the shopper must read, with or without this.
        logger.warning("how many wait is not known: %s", error)
        return ""
    return expectation(get_settings(), before, language=language)


def back_words(conversation_id: str) -> str:
    """What a shopper reads who asked for the assistant."""
    return notice("back", None, language_said(conversation_id))


def _appended(
    store: TicketStore, line: Line, found: Assessment | Unreadable | None, decision: Triage
) -> str:
    """Put a message on the ticket on which the shopper waits; its reference."""
    scored = found if isinstance(found, Assessment) else None
    ticket = store.cases.active(line.conversation_id)
    category = scored.category if scored is not None else OTHER
    case = Case(
        conversation_id=line.conversation_id,
        message_id=line.message_id,
        text=line.text,
        # No second ticket, of which the shopper would never read.
        category=ticket.category if ticket is not None else category,
        triage=decision,
        assessment=scored.model_dump(mode="json") if scored is not None else None,
    )
    return store.escalate(case).ticket.reference


def _in_danger(store: TicketStore, line: Line, kind: Kind, reference: str) -> Told:
    language = language_said(line.conversation_id)
    told = Told(_id("danger", line), _words(kind, language, reference))
    store.conversations.record(_said_by_us(line.conversation_id, "bot", told))
    return told


def _notice_of_wait(store: TicketStore, conversation_id: str, *, again: bool) -> Told | None:
    """The notice, at the first message of a wait; the same words when a message comes again."""
    owner = store.conversations.owner(conversation_id)
    if owner.talking != "waiting":
        return None
    language = language_said(conversation_id)
    when = expectation(get_settings(), store.cases.before(conversation_id), language=language)
    told = Told(f"wait-{owner.waits}-notice", waiting_notice(when, language))
    if store.conversations.record(_said_by_us(conversation_id, "notice", told)):
        return told
    known = store.conversations.lines(conversation_id) if again else ()
    return next((Told(told.id, one.text) for one in known if one.message_id == told.id), None)


def _said_by_us(conversation_id: str, role: Literal["bot", "notice"], told: Told) -> Line:
    return Line(
        conversation_id=conversation_id,
        message_id=told.id,
        role=role,
        text=told.text,
        created_at=datetime.now(UTC),
    )


def _words(kind: Kind, language: str, reference: str | None = None) -> str:
    facts = {} if reference is None else {"reference": reference}
    situation = Situation(kind=kind, language=language, facts=facts)
    try:
        return services.replies().render(situation).text
    except TemplateError:
        logger.exception("reply templates cannot be used")
        return last_words(situation.language)


def _id(what: str, line: Line) -> str:
    # An id of the channel's has at most 64 characters, and the message's own may have as many.
    return f"{what}-{hashlib.sha256(line.message_id.encode()).hexdigest()[:32]}"
