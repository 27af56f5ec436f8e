"""Rasa's side of the action server: every call ends in time, and in words."""

import asyncio
import json
import logging
import time
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
from jsonschema import ValidationError
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.shared.core.events import deserialise_events
from rasa.shared.utils.schemas.events import EVENTS_SCHEMA
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from assistant.web_channel.circuit import Circuit
from assistant.web_channel.words import DEFAULT_LANGUAGE, Words

logger = logging.getLogger(__name__)

SAYS_NOTHING = frozenset({"action_assess_message"})
"""Actions that set slots only; when they fail, the action after them has the words."""

CONNECT_S = 1.0
TURN_S = 8.0
TURNS_REMEMBERED = 10_000
REJECTED = 400

FAULTS = (
    aiohttp.ClientError,
    asyncio.TimeoutError,  # another class than TimeoutError until Python 3.11
    ValueError,
    ValidationError,
)

RESPONSE = {
    "type": "object",
    "properties": {
        "text": {"type": ["string", "null"]},
        "buttons": {"type": ["array", "null"], "items": {"type": "object"}},
    },
}
# Stricter than Rasa's own, which takes {} for an answer and a number for a text.
SCHEMA = {
    "type": "object",
    "required": ["events", "responses"],
    "properties": {"events": EVENTS_SCHEMA, "responses": {"type": "array", "items": RESPONSE}},
}
# jsonschema.validate() would check the schema itself each time, for 10 ms and more.
VALIDATOR = validator_for(SCHEMA)(SCHEMA)
RASAS_CHECK = RemoteAction._validate_action_result


class Answer(dict[str, Any]):
    """An answer that was checked."""


@dataclass(frozen=True)
class Call:
    """What an action is called for."""

    action: str
    turn: str
    language: str

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Call":
        """Read it from the body that Rasa posts."""
        message = body.get("tracker", {}).get("latest_message") or {}
        metadata = message.get("metadata") or {}
        turn = str(message.get("message_id") or uuid.uuid4().hex)
        return cls(
            str(body.get("next_action", "")),
            f"{body.get('sender_id', '')} {turn}",
            str(metadata.get("language") or DEFAULT_LANGUAGE),
        )


class ResilientEndpoint(EndpointConfig):
    """An action endpoint that answers whatever the action server does.

    A call that is refused, late, or answered with anything but a valid answer ends in the words
    `action_failed`. A rejection (400, the action says that it does not want to run) is passed on,
    for Rasa knows what to do with it.
    """

    def __init__(
        self,
        config: EndpointConfig,
        words: Words,
        turn_s: float = TURN_S,
        circuit: Circuit | None = None,
    ) -> None:
        """Answer in the place of `config`.

        Args:
            config: the endpoint that Rasa was configured with.
            words: what to say when there is no answer.
            turn_s: seconds that all calls of one shopper's message have together.
            circuit: what decides not to ask at all.
        """
        super().__init__(
            config.url, config.params, config.headers, config.basic_auth, config.token,
            config.token_name, config.cafile, **config.kwargs,
        )  # fmt: skip
        self._words = words
        self._budgets = Budgets(turn_s)
        self._circuit = circuit or Circuit()

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,  # noqa: ANN401 - what aiohttp takes
    ) -> Answer:
        """Call an action; the answer keeps to the protocol, whoever gave it.

        Raises:
            ClientResponseError: status 400, the action rejects its execution.
        """
        call = Call.of(kwargs.get("json") or {})
        left = self._budgets.left(call.turn)
        if left <= 0 or not self._circuit.allows():
            return self._without_answer(call, "not asked: it keeps failing or time is up")
        # An action that hangs and says nothing leaves time for the one that has the words.
        total = left / 2 if call.action in SAYS_NOTHING else left
        kwargs["timeout"] = aiohttp.ClientTimeout(total=total, connect=min(CONNECT_S, total))
        try:
            answer = await super().request(method, subpath, content_type, compress, **kwargs)
            check(answer)
        except ClientResponseError as error:
            return self._refused(call, error)
        except FAULTS as error:
            self._circuit.failed()
            return self._without_answer(call, type(error).__name__)
        except asyncio.CancelledError:
            self._circuit.failed()
            raise
        self._circuit.succeeded()
        return stamped(answer)

    def _refused(self, call: Call, error: ClientResponseError) -> Answer:
        if is_rejection(error):
            self._circuit.succeeded()
            raise error
        self._circuit.failed()
        # Not the error itself: the action server's body holds the whole conversation.
        return self._without_answer(call, f"status {error.status}")

    def _without_answer(self, call: Call, why: str) -> Answer:
        logger.warning("no answer from the action server for %s: %s", call.action, why)
        if call.action in SAYS_NOTHING:
            return stamped({"events": [], "responses": []})
        text = self._words.say("action_failed", call.language)
        return stamped({"events": [], "responses": [{"text": text}]})


class Budgets:
    """How long the calls of one turn may still take, together."""

    def __init__(self, turn_s: float) -> None:
        self._turn_s = turn_s
        self._began: OrderedDict[str, float] = OrderedDict()

    def left(self, turn: str) -> float:
        """Seconds left since the first call of this turn; at most `turn_s`."""
        began = self._began.setdefault(turn, time.monotonic())
        if len(self._began) > TURNS_REMEMBERED:
            self._began.popitem(last=False)
        return began + self._turn_s - time.monotonic()


def check(answer: object) -> None:
    """Raise ValidationError or ValueError for what is no answer of an action server."""
    VALIDATOR.validate(answer)
    try:
        deserialise_events(cast(dict[str, Any], answer)["events"])
    except Exception as error:  # Rasa raises what it likes on an event that it cannot read.
        raise ValueError("an event that Rasa cannot read") from error


def is_rejection(error: ClientResponseError) -> bool:
    """Whether the action itself refused to run, in a way that Rasa can read."""
    try:
        body = json.loads(error.text)
    except ValueError:
        return False
    return error.status == REJECTED and isinstance(body, dict) and "action_name" in body


def stamped(answer: dict[str, Any]) -> Answer:
    """The answer with an id in each response: screen and history know the message by it."""
    responses = [{**response, "id": uuid.uuid4().hex} for response in answer["responses"]]
    return Answer({**answer, "responses": responses})


def protect(agent: Agent, words: Words) -> None:
    """Put a `ResilientEndpoint` in place of the agent's action endpoint, if it is not there yet.

    Cheap, so that every turn can: a reload of the model makes a processor of its own.
    """
    endpoint = agent.action_endpoint
    if endpoint is not None and not isinstance(endpoint, ResilientEndpoint):
        endpoint = ResilientEndpoint(endpoint, words)
    agent.action_endpoint = endpoint
    if agent.processor is not None:
        agent.processor.action_endpoint = endpoint
    RemoteAction._validate_action_result = _is_valid


def _is_valid(action: RemoteAction, result: dict[str, Any]) -> bool:
    """Rasa's own check, but for answers that were checked.

    It checks the schema with each answer, in a third of all the time that a turn takes.
    """
    return isinstance(result, Answer) or RASAS_CHECK(action, result)
