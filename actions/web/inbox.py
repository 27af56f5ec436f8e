"""`POST /inbox`: what a shopper says while a person talks with them, or while they wait for one."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from actions import services
from actions.assess_message import assess
from actions.language import heard_in, unread
from actions.talking import Heard, Told, hear, kind_in_danger, record, score, words_in_danger
from actions.web.answers import UNAVAILABLE, for_channel, read_body
from amends.errors import AmendsError
from amends.settings import get_settings
from nlu.assessment import Assessment, Unreadable
from tickets.case import Identifier, Text
from tickets.conversations import Line
from tickets.delivery.now import deliver_now
from tickets.store import TicketStoreError
from tickets.takeover import Standing

logger = logging.getLogger(__name__)

YEAR_2100 = 4_102_444_800


def _id_of(attachment: Any) -> Any:  # noqa: ANN401 - checked by the model afterwards
    """The channel may send the attachment as the shopper saw it, or its id alone."""
    return attachment.get("id") if isinstance(attachment, dict) else attachment


def _masked(text: Any) -> Any:  # noqa: ANN401 - checked by the model afterwards
    """A shopper's words without personal data; before anything else looks at them."""
    return services.reader().read(text) if isinstance(text, str) else text


Masked = Annotated[str, BeforeValidator(_masked)]


class Said(BaseModel):
    """The body of the request; `at` is when the channel got the message, in epoch seconds."""

    conversation: Identifier
    id: Identifier
    role: Literal["shopper"]
    name: Masked | None = None
    text: Masked
    attachment: Annotated[Text | None, BeforeValidator(_id_of)] = None
    at: Annotated[float, Field(ge=0, lt=YEAR_2100, allow_inf_nan=False)]

    def line(self) -> Line:
        """It as it is stored."""
        return Line(
            conversation_id=self.conversation,
            message_id=self.id,
            role=self.role,
            name=self.name[:255] if self.name else None,
            text=self.text,
            attachment_id=self.attachment,
            created_at=datetime.fromtimestamp(self.at, UTC),
        )


@for_channel
async def inbox(request: Request) -> HTTPResponse:
    """200 once the message is committed; the same id again changes nothing.

    `notice` is what the shopper is to read in return, once: its id and its words. In danger they
    read something even where nothing could be committed, which is a 503 as ever.
    """
    line = read_body(request, Said).line()
    try:
        new = await asyncio.to_thread(record, line)
        heard = await _heard(line, request.app, again=not new)
        return json({"new": new, **_notice(heard.told)})
    except TicketStoreError as error:
        logger.error("%s: %s", request.path, error)  # noqa: TRY400 - it says all there is
        told = _notice(words_in_danger(line))
        return json({"code": "unavailable", "words": UNAVAILABLE, **told}, status=503)


async def _heard(line: Line, app: Sanic[Any, Any], *, again: bool) -> Heard:
    conversations = services.ticket_store().conversations
    owner = await asyncio.to_thread(conversations.owner, line.conversation_id)
    # Handed back on its way here: nobody answers it any more, and in danger somebody must.
    is_ours = owner.talking == "bot" and kind_in_danger(line.text) is not None
    if owner.talking != "waiting" and not is_ours:
        # Nobody waits for the scores: the desk shows them when they are there.
        app.add_task(_scored(line))
        return Heard()
    found = await _found(line.text)
    heard = await asyncio.to_thread(hear, line, found, None, again=again)
    if heard.back is not None:
        app.add_task(_told_back(heard.back))
    return heard


async def _found(text: str) -> Assessment | Unreadable:
    heard = await heard_in(text)
    return await assess(text) if heard.readable else unread(text)


async def _scored(line: Line) -> None:
    try:
        await asyncio.to_thread(score, line, await _found(line.text))
    except AmendsError as error:
        logger.warning("a message stays without scores: %s", error)


async def _told_back(standing: Standing) -> None:
    """Tell the shopper who talks now; what fails stays in the outbox, for the next try."""
    store, settings = services.ticket_store(), get_settings()
    try:
        await asyncio.to_thread(deliver_now, store, settings, standing.untold)
    except AmendsError as error:
        logger.warning("the shopper is told later that the assistant answers again: %s", error)


def _notice(told: Told | None) -> dict[str, dict[str, str]]:
    return {} if told is None else {"notice": {"id": told.id, "text": told.text}}
