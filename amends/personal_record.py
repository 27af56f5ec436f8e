"""What Rasa's side holds of a shopper, through the web channel: given, and deleted."""

from typing import Any

import httpx

from amends.errors import AmendsError
from amends.service_tokens import make_service_token, service_key
from amends.settings import Settings

RECORD, FORGET = "/webhooks/web/record", "/webhooks/web/forget"
# The channel waits for the turn at hand, and for its databases.
TIMEOUT_S = 30.0
FORGOTTEN = ("events", "kept", "tabs")


class RecordError(AmendsError):
    """Rasa's side did not do what was asked; says what to do."""


def record(conversation_id: str, settings: Settings) -> dict[str, Any]:
    """All that Rasa's side holds of a conversation.

    Returns:
        `events`, Rasa's own of all sessions, oldest first; `kept`, what is under way.

    Raises:
        RecordError: the channel does not run, or did not give it.
        ServiceKeyError: there is no key to sign with.
    """
    body = _asked(RECORD, {"conversation": conversation_id}, settings)
    if not all(isinstance(body.get(part), list) for part in ("events", "kept")):
        raise _no_answer(settings.rasa_url)
    return {part: body[part] for part in ("events", "kept")}


def forget(conversation_id: str, settings: Settings) -> dict[str, int]:
    """Delete it all; safe to repeat.

    Returns:
        How many `events`, `kept` messages and open `tabs` it were.

    Raises:
        RecordError: the channel does not run, or something could not be deleted.
        ServiceKeyError: there is no key to sign with.
    """
    return _forgotten({"conversation": conversation_id}, settings)


def forget_before(moment: float, settings: Settings) -> dict[str, int]:
    """Delete the conversations in which nothing has happened since; safe to repeat.

    Args:
        moment: Seconds since 1970.
        settings: They say where the channel is and what key it knows.

    Returns:
        As `forget`.

    Raises:
        RecordError: the channel does not run, or something could not be deleted.
        ServiceKeyError: there is no key to sign with.
    """
    return _forgotten({"before": moment}, settings)


def _forgotten(which: dict[str, str | float], settings: Settings) -> dict[str, int]:
    body = _asked(FORGET, which, settings)
    if not all(type(body.get(part)) is int for part in FORGOTTEN):
        raise _no_answer(settings.rasa_url)
    return {part: body[part] for part in FORGOTTEN}


def _asked(path: str, body: dict[str, Any], settings: Settings) -> dict[str, Any]:
    url = settings.rasa_url
    headers = {"Authorization": f"Bearer {make_service_token(service_key(settings))}"}
    try:
        # trust_env: a proxy for the web is no way to a server on this machine.
        answer = httpx.post(
            f"{url}{path}", json=body, headers=headers, timeout=TIMEOUT_S, trust_env=False
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise RecordError(
            f"Expected the assistant at {url}, found no answer ({type(error).__name__}). "
            "Start it with `make run`."
        ) from error
    if answer.status_code != httpx.codes.OK:
        raise _refused(url, answer.status_code)
    return _json(url, answer)


def _refused(url: str, status: int) -> RecordError:
    remedies = {
        httpx.codes.UNAUTHORIZED: "Set the same AMENDS_SESSION_KEY here and there, and check both "
        "clocks.",
        httpx.codes.NOT_FOUND: "Is the web channel left out of credentials.yml?",
        httpx.codes.SERVICE_UNAVAILABLE: "Its database is down, or the shopper is writing at this "
        "moment: see its log.",
    }
    remedy = remedies.get(httpx.codes(status), "See its log.")
    return RecordError(f"Expected the assistant at {url} to do it, found HTTP {status}. {remedy}")


def _json(url: str, answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError as error:
        raise _no_answer(url) from error
    if not isinstance(body, dict):
        raise _no_answer(url)
    return body


def _no_answer(url: str) -> RecordError:
    return RecordError(
        f"Expected an answer of the web channel at {url}, found something else. Is another program "
        "on this port?"
    )
