"""Pushes to a shopper's screen, through the web channel in Rasa's server."""

from dataclasses import asdict, dataclass
from typing import Literal

import httpx

from amends.errors import AmendsError
from amends.service_tokens import make_service_token, service_key
from amends.settings import Settings

PATH = "/webhooks/web/push"
TIMEOUT_S = 10.0
ATTEMPTS = 2
WORDS_CHARS = 300


class PushError(AmendsError):
    """A push that the channel did not take: the shopper was not shown it."""


class PushUnknownError(PushError):
    """A push whose end nobody knows; with the same id it can be repeated and is shown once."""


class NoSuchChatError(PushError):
    """The shopper does not write in the widget, so nothing can ever be shown to them."""


@dataclass(frozen=True)
class Push:
    """What the shopper shall see.

    Attributes:
        conversation: Rasa's sender id.
        id: 8 to 64 letters, digits, `_` and `-`; the same id is shown once.
        kind: What it is.
        text: What the shopper reads; empty where the widget has the words.
        name: The agent's, or None.
    """

    conversation: str
    id: str
    kind: Literal["message", "joined", "waiting", "left", "rating"]
    text: str = ""
    name: str | None = None


def push(what: Push, settings: Settings, timeout_s: float = TIMEOUT_S) -> int:
    """Show something to a shopper; returns once the channel has it on record.

    Args:
        what: What to show.
        settings: They say where the channel is and what key it knows.
        timeout_s: Longest wait for the next byte, in seconds.

    Returns:
        On how many screens it is now; 0 when the shopper is away and reads it on coming back.

    Raises:
        NoSuchChatError: the channel does not know the conversation.
        PushError: the channel does not run or did not take it.
        PushUnknownError: it was sent, but the channel did not say what became of it.
        ServiceKeyError: there is no key to sign with.
    """
    key = service_key(settings)
    url = settings.rasa_url
    for _ in range(ATTEMPTS - 1):
        try:
            return _pushed(what, url, key, timeout_s)
        except PushUnknownError:
            continue  # The channel knows the id: a second time is shown once all the same.
    return _pushed(what, url, key, timeout_s)


def _pushed(what: Push, url: str, key: str, timeout_s: float) -> int:
    headers = {"Authorization": f"Bearer {make_service_token(key)}"}
    try:
        # trust_env: a proxy for the web is no way to a server on this machine.
        response = httpx.post(
            f"{url}{PATH}", json=asdict(what), headers=headers, timeout=timeout_s, trust_env=False
        )
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL) as error:
        raise PushError(
            f"Expected the assistant at {url}, found nothing there ({error}). "
            "Start it with `make run`."
        ) from error
    except httpx.HTTPError as error:
        raise PushUnknownError(
            f"Expected an answer from the assistant at {url} within {timeout_s:g} seconds, found "
            f"none ({type(error).__name__}); the shopper may or may not have been shown it."
        ) from error
    return _shown(url, response)


def _shown(url: str, response: httpx.Response) -> int:
    if response.status_code != httpx.codes.OK:
        raise refused(url, response)
    body = _json(response)
    shown = body.get("shown")
    if type(shown) is not int or shown < 0:
        raise PushUnknownError(
            f"Expected the number of screens from the assistant at {url}, found something else. "
            "Is another program on this port?"
        )
    return shown


def refused(url: str, response: httpx.Response) -> PushError:
    """What an answer other than 200 means, and what to do."""
    found = f"found HTTP {response.status_code}"
    if response.status_code == httpx.codes.UNAUTHORIZED:
        return PushError(
            f"Expected the assistant at {url} to know our key, {found}. Set the same "
            "AMENDS_SESSION_KEY here and there, and check both clocks."
        )
    if response.status_code == httpx.codes.NOT_FOUND:
        return PushError(
            f"Expected the web channel at {url}, {found}. Is it left out of credentials.yml?"
        )
    if response.status_code == httpx.codes.BAD_REQUEST:
        return NoSuchChatError(
            f"Expected a chat of the web channel, {found} from {url}: it does not know such a "
            "conversation. Only shoppers who write in the widget can be reached."
        )
    words = _json(response).get("words")
    told = f" ({_plain(words)})" if isinstance(words, str) else ""
    return PushError(f"Expected the assistant at {url} to take it, {found}{told}. See its log.")


def _json(response: httpx.Response) -> dict[str, object]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _plain(words: str) -> str:
    return "".join(filter(str.isprintable, words))[:WORDS_CHARS]
