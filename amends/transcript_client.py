"""What both sides said in a conversation, as the web channel in Rasa's server has it."""

from typing import Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from amends.channel_client import refused
from amends.errors import AmendsError
from amends.service_tokens import make_service_token, service_key
from amends.settings import Settings

PATH = "/webhooks/web/transcript"
TIMEOUT_S = 5.0
YEAR_2100 = 4_102_444_800


class TranscriptError(AmendsError):
    """A conversation that the channel did not give; what was known of it still is."""


class Said(BaseModel):
    """Something that was said; `assessment` is what Rasa holds of the scores, None for none.

    Attributes:
        id: Names the message within the conversation.
        role: Who said it.
        text: As it was typed, with personal data in it.
        name: The agent's; None for others.
        attachment: `id`, `name` and `media_type` of a file; None without one.
        at: Seconds since 1970.
        assessment: Scores of a shopper's message, as JSON.
    """

    model_config = ConfigDict(frozen=True)

    id: str = Field(min_length=1, max_length=255)
    role: Literal["shopper", "bot", "agent", "notice"]
    text: str
    name: str | None = None
    attachment: dict[str, Any] | None = None
    at: float = Field(ge=0, lt=YEAR_2100, allow_inf_nan=False)
    assessment: dict[str, Any] | None = None


class _Transcript(BaseModel):
    messages: tuple[Said, ...]


def transcript(
    conversation_id: str, settings: Settings, timeout_s: float = TIMEOUT_S
) -> tuple[Said, ...]:
    """The newest 200 messages of a conversation, oldest first; none of a stranger.

    Args:
        conversation_id: Rasa's sender id, of whatever channel.
        settings: They say where the channel is and what key it knows.
        timeout_s: Longest wait for the next byte, in seconds.

    Raises:
        TranscriptError: the channel does not run or did not give it.
        ServiceKeyError: there is no key to sign with.
    """
    url = settings.rasa_url
    headers = {"Authorization": f"Bearer {make_service_token(service_key(settings))}"}
    try:
        # trust_env: a proxy for the web is no way to a server on this machine.
        response = httpx.get(
            f"{url}{PATH}",
            params={"conversation": conversation_id},
            headers=headers,
            timeout=timeout_s,
            trust_env=False,
        )
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL) as error:
        raise TranscriptError(
            f"Expected the assistant at {url}, found nothing there ({error}). "
            "Start it with `make run`."
        ) from error
    except httpx.HTTPError as error:
        raise TranscriptError(
            f"Expected the conversation from the assistant at {url} within {timeout_s:g} seconds, "
            f"found none ({type(error).__name__}). Try again; its log says what it is at."
        ) from error
    return _read(url, response)


def _read(url: str, response: httpx.Response) -> tuple[Said, ...]:
    if response.status_code != httpx.codes.OK:
        raise TranscriptError(str(refused(url, response)))
    try:
        return _Transcript.model_validate_json(response.content).messages
    except ValidationError:
        # Not from the error: it repeats what the shopper wrote.
        raise TranscriptError(
            f"Expected a conversation from the assistant at {url}, found something else. "
            "Is another program on this port?"
        ) from None
