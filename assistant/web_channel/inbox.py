"""Gives what a shopper said to the app, where the people who talk with them read it."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from assistant.web_channel.kept import Item, NeverTakenError
from assistant.web_channel.messages import MESSAGE_ID
from assistant.web_channel.telling import Push

logger = logging.getLogger(__name__)

LIMIT_S = 5.0
NEVER = frozenset({400, 413, 422})
"""What the app answers to a message that it will not take the next time either."""

Tell = Callable[[Push], Awaitable[object]]


class InboxError(Exception):
    """The app did not take a message now."""


class Inbox:
    """`POST /inbox` of the app."""

    def __init__(self, url: str, token: Callable[[], str], tell: Tell) -> None:
        """Post to `<url>/inbox` with the service token that `token()` makes.

        Args:
            url: of the app, without a slash at the end.
            token: makes a service token.
            tell: shows the shopper the notice that the app answers with, once.
        """
        self._url = f"{url}/inbox"
        self._token = token
        self._tell = tell

    async def deliver(self, item: Item) -> None:
        """Give one message, and tell the shopper what the app has for them in return.

        Raises:
            NeverTakenError: the app will never take it.
            InboxError: the app does not take it now.
            aiohttp.ClientError, TimeoutError: the app cannot be reached.
            KeptError: what it had for the shopper could not be written down; give it again.
        """
        status, notice = await self._post(item)
        if notice is not None:
            await self._tell(notice)
        if status in NEVER:
            raise NeverTakenError(f"status {status}")
        if status != 200:  # noqa: PLR2004
            raise InboxError(f"status {status}")

    async def _post(self, item: Item) -> tuple[int, Push | None]:
        headers = {"Authorization": f"Bearer {self._token()}"}
        timeout = aiohttp.ClientTimeout(total=LIMIT_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(self._url, json=item.body, headers=headers) as answer,
        ):
            return answer.status, _notice(item.conversation, await _body(answer))


async def _body(answer: aiohttp.ClientResponse) -> object:
    try:
        return await answer.json(content_type=None)
    except ValueError:
        return None  # A refusal of a proxy; the status says all there is.


def _notice(sender: str, body: Any) -> Push | None:  # noqa: ANN401 - whatever the app answered
    notice = body.get("notice") if isinstance(body, dict) else None
    if notice is None:
        return None
    known, text = (notice.get("id"), notice.get("text")) if isinstance(notice, dict) else (0, 0)
    if not isinstance(known, str) or not MESSAGE_ID.fullmatch(known) or not isinstance(text, str):
        logger.error("the app answered with a notice that cannot be read; nobody is told it")
        return None
    return Push(sender, known, "notice", text)
