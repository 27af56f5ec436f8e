"""`GET transcript`: what both sides said in a conversation, for the desk."""

from collections.abc import Callable

from rasa.core.agent import Agent
from sanic.request import Request
from sanic.response import HTTPResponse, json

from assistant.web_channel import history, trackers
from assistant.web_channel.http_request import bearer
from assistant.web_channel.refusals import RefusedError
from assistant.web_channel.rooms import Rooms
from assistant.web_channel.session_tokens import Tokens

NEWEST = 200
MAX_CHARS = 255


class TranscriptEndpoint:
    """Gives conversations of every channel to the app."""

    def __init__(self, tokens: Tokens, rooms: Rooms, agent: Callable[[], Agent]) -> None:
        self._tokens, self._rooms, self._agent = tokens, rooms, agent

    async def get(self, request: Request) -> HTTPResponse:
        """Answer with `messages`: the newest 200 of all sessions, oldest first.

        A shopper's message has `assessment`, what Rasa's record holds of its scores, or null.

        Raises:
            RefusedError: bad_token, expired_token; bad_message without a conversation; unavailable
                where the tracker database does not answer.
        """
        self._tokens.check_service(bearer(request))
        sender = request.args.get("conversation") or ""
        if not 1 <= len(sender) <= MAX_CHARS:
            raise RefusedError("bad_message")
        try:
            events = await trackers.events_of(self._agent(), sender)
        except trackers.TrackersDownError as error:
            raise RefusedError("unavailable") from error
        # What a turn says is on the screen before it is in the record.
        said = history.merged(history.messages(events), self._rooms.shown(sender), NEWEST)
        scores = history.assessments(events)
        return json({"messages": [_scored(found, scores) for found in said]})


def _scored(found: dict[str, object], scores: dict[str, object]) -> dict[str, object]:
    if found["role"] != "shopper":
        return found
    return {**found, "assessment": scores.get(str(found["id"]))}
