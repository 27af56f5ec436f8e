"""The world of a conversation: the shop, the ticket store, the policies."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from rasa_sdk import Tracker

from actions import services
from actions.answer_policy import policy_words
from actions.forms.forms import FORMS
from actions.forms.phrases import phrases
from actions.forms.state import Task
from actions.message import Message, language_of, stored_assessment
from actions.talking import when_answered
from amends.orders import (
    Address,
    Deed,
    Order,
    ShopConnector,
    ShopDownError,
)
from amends.settings import get_settings
from nlu.assessment import OTHER
from tickets.store import Case, TicketStoreError
from tickets.triage import Decision, Triage

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

MOST_SHOP_S = 4.0
"""Rasa waits eight seconds for an action; what is left is for the ticket and the words."""
DETAIL_CHARS = 500


def shop_time_s() -> float:
    """How long the shop may take for all that one message needs of it."""
    return min(get_settings().shop_timeout_s, MOST_SHOP_S)


class RealWorld:
    """What a form needs, for the latest message of one tracker; see `actions.forms.world`."""

    def __init__(self, tracker: Tracker) -> None:
        """Take the conversation; nothing is opened yet."""
        self._tracker = tracker
        self._message = Message.latest(tracker)
        settings = get_settings()
        self.now = datetime.now(UTC)
        self.phrases = phrases(settings.templates_dir, language_of(tracker))
        self._until = asyncio.get_running_loop().time() + shop_time_s()

    async def find(self, number: str, email: str) -> Order | None:
        """The order with this number and address."""
        return await self._asked(lambda: services.shop().find(number, email))

    async def act(self, task: Task) -> Order:
        """Do what the task is about."""
        return await self._asked(lambda: act(services.shop(), task))

    async def is_locked(self, number: str) -> bool:
        """Whether too many addresses were tried on the number; not known is as good as no shop."""
        return await self._asked(
            lambda: services.attempts().locked(number, self._message.conversation_id)
        )

    async def note_wrong(self, number: str) -> None:
        """Remember an address that was wrong."""
        await self._asked(lambda: services.attempts().wrong(number, self._message.conversation_id))

    async def hand_over(self, rule: str, detail: str, category: str) -> Mapping[str, str] | None:
        """Commit a ticket; its facts, or None where nothing is committed for sure."""
        case = self._case(rule, detail, category)
        try:
            escalation = await asyncio.to_thread(lambda: services.ticket_store().escalate(case))
        except TicketStoreError as error:
            logger.warning("nothing was handed over: %s", error)
            return None
        return {
            "reference": escalation.ticket.reference,
            "category_label": services.categories().label(
                escalation.ticket.category, language_of(self._tracker)
            ),
            "expectation": await asyncio.to_thread(
                when_answered, case.conversation_id, language_of(self._tracker)
            ),
        }

    async def policy(self) -> str | None:
        """What the policies say to the message."""
        try:
            async with asyncio.timeout_at(self._until):
                return await policy_words(self._tracker, self._message)
        except Exception:  # Whatever it is, the form goes on without it.
            logger.exception("the policies are not known; the form goes on without them")
            return None

    def _case(self, rule: str, detail: str, category: str) -> Case:
        message = self._message
        assessment = stored_assessment(self._tracker, message)
        masked = services.reader().read(detail)[:DETAIL_CHARS]
        return Case(
            conversation_id=message.conversation_id,
            message_id=message.message_id,
            text=services.reader().read(message.text),
            category=category if category != OTHER or assessment is None else assessment.category,
            triage=Triage(decision=Decision.ESCALATE, rule=rule, detail=masked),
            assessment=assessment.model_dump(mode="json") if assessment else None,
        )

    async def _asked(self, call: Callable[[], Result]) -> Result:
        """Call what blocks, in a thread, for as long as there is time."""
        try:
            async with asyncio.timeout_at(self._until):
                return await asyncio.to_thread(call)
        except TimeoutError as error:
            raise ShopDownError("expected an answer of the shop in time, found none") from error
        except TicketStoreError as error:
            raise ShopDownError(f"wrong tries are not known: {error}") from error


def act(shop: ShopConnector, task: Task) -> Order:
    """Do with the order what the task says; blocks.

    Raises:
        ShopDownError: nobody knows whether it was done.
        NotPossibleError: it was not.
    """
    deed = FORMS[task.form or ""].deed
    number, values = task.number or "", task.values
    if deed is Deed.CANCEL:
        return shop.cancel(number)
    if deed is Deed.CHANGE:
        return shop.change_quantity(number, values.lines[0], values.quantity or 0)
    if deed is Deed.ADDRESS:
        return shop.change_address(number, new_address(task))
    if deed is Deed.REFUND:
        return shop.request_refund(number, values.lines, values.reason or "")
    if deed is Deed.RETURN:
        return shop.request_return(number, values.lines, values.reason or "")
    assert deed is Deed.INVOICE
    return shop.send_invoice(number)


def new_address(task: Task) -> Address:
    """Where the order is to go: the parts that were said, and the others as they are."""
    assert task.order is not None
    said = {
        part: value
        for part in ("street", "postcode", "city", "country")
        if (value := getattr(task.values, part)) is not None
    }
    return task.order.address.model_copy(update=said)
