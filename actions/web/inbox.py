"""`POST /inbox`: what a shopper says while a person talks with them."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field
from sanic import HTTPResponse, Request
from sanic.response import json

from actions import services
from actions.web.answers import for_channel, read_body
from tickets.case import Identifier, Text
from tickets.conversations import Line

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
    """200 once the message is committed; the same id again changes nothing."""
    said = read_body(request, Said)
    return json({"new": await asyncio.to_thread(_store, said)})


def _store(said: Said) -> bool:
    return services.ticket_store().conversations.record(said.line())
