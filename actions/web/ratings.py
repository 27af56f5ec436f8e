"""`POST /ratings`: whether it helped."""

import asyncio

from pydantic import BaseModel, ValidationError
from sanic import HTTPResponse, Request
from sanic.response import json

from actions import services
from actions.web.answers import RefusedError, for_channel, read_body
from tickets.case import Identifier
from tickets.ratings import NotAskedError, Rating

NOT_ASKED = "I could not match that rating to a request of ours, so it was not stored."


class Rated(BaseModel):
    """The body of the request; `id` is that of the request that was answered."""

    conversation: Identifier
    id: Identifier
    score: int


@for_channel
async def ratings(request: Request) -> HTTPResponse:
    """200 once a rating is committed; the first answer to a request stays."""
    rated = read_body(request, Rated)
    try:
        rating = Rating(conversation_id=rated.conversation, request_id=rated.id, score=rated.score)
        return json({"new": await asyncio.to_thread(_store, rating)})
    except ValidationError as error:
        raise RefusedError(400, "bad_message", "Expected a score of 1 to 5.") from error
    except NotAskedError as error:
        raise RefusedError(400, "bad_message", NOT_ASKED) from error


def _store(rating: Rating) -> bool:
    return services.ticket_store().ratings.rate(rating)
