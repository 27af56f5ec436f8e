"""One turn with the running assistant, over its REST channel."""

from typing import Any

import httpx

from amends.errors import AmendsError

TIMEOUT_S = 15.0
CHANNEL = "/webhooks/rest/webhook"


class NoAnswerError(AmendsError):
    """The assistant gave no words; the message says expected, found and what to do."""


class SilentError(NoAnswerError):
    """The assistant took the message and said nothing, as it does while a person is there."""


def ask(url: str, conversation: str, text: str, timeout_s: float = TIMEOUT_S) -> list[str]:
    """Send one message and wait for the replies.

    Args:
        url: Address of the assistant.
        conversation: Its id; the same id goes on with the same conversation.
        text: What the shopper writes.
        timeout_s: Longest wait for the next byte, in seconds.

    Returns:
        The text of each reply, at least one.

    Raises:
        NoAnswerError: nothing runs there, or it gave no words.
        SilentError: it is there and gave no words.
    """
    # Bytes of a command line that are no UTF-8 arrive as lone surrogates, which JSON cannot carry.
    message = text.encode(errors="replace").decode()
    response = _post(url, {"sender": conversation, "message": message}, timeout_s)
    texts = [text for text in map(_text, _replies(url, response)) if text]
    if not texts:
        raise SilentError(
            f"expected words from the assistant at {url}, found an empty answer; the message may "
            "not have been dealt with. Its logs say why: logs/rasa.log and logs/actions.log in the "
            "state folder"
        )
    return texts


def _post(url: str, body: dict[str, str], timeout_s: float) -> httpx.Response:
    try:
        # trust_env: a proxy for the web is no way to a server on this machine.
        return httpx.post(f"{url}{CHANNEL}", json=body, timeout=timeout_s, trust_env=False)
    except httpx.ConnectError as error:
        raise NoAnswerError(
            f"expected the assistant at {url}, found nothing there ({error}); "
            "start it with `make run`"
        ) from error
    except httpx.TimeoutException as error:
        raise NoAnswerError(
            f"expected an answer from {url} within {timeout_s:g} seconds, found none; "
            "restart it with `make run` if this stays so"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoAnswerError(
            f"expected an answer from {url}, found a broken connection ({error}); "
            "restart it with `make run`"
        ) from error


def _replies(url: str, response: httpx.Response) -> list[Any]:
    if response.status_code != httpx.codes.OK:
        raise NoAnswerError(
            f"expected the assistant at {url}, found HTTP {response.status_code}; is it another "
            "program's port, or is the REST channel left out of credentials.yml?"
        )
    try:
        replies = response.json()
    except ValueError:
        replies = None
    if not isinstance(replies, list):
        kind = response.headers.get("content-type", "no content type")
        raise NoAnswerError(
            f"expected the assistant's JSON list from {url}, found something else ({kind}); "
            "is another program on this port?"
        )
    return replies


def _text(reply: object) -> str:
    text = reply.get("text") if isinstance(reply, dict) else None
    return text.strip() if isinstance(text, str) else ""
