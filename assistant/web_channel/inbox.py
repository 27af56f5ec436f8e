"""Gives what a shopper said to the app, where the person who talks with them reads it."""

from collections.abc import Callable

import aiohttp

from assistant.web_channel.kept import Item, NeverTakenError

LIMIT_S = 5.0
NEVER = frozenset({400, 413, 422})
"""What the app answers to a message that it will not take the next time either."""


class InboxError(Exception):
    """The app did not take a message now."""


class Inbox:
    """`POST /inbox` of the app."""

    def __init__(self, url: str, token: Callable[[], str]) -> None:
        """Post to `<url>/inbox` with the service token that `token()` makes."""
        self._url = f"{url}/inbox"
        self._token = token

    async def deliver(self, item: Item) -> None:
        """Give one message.

        Raises:
            NeverTakenError: the app will never take it.
            InboxError: the app does not take it now.
            aiohttp.ClientError, TimeoutError: the app cannot be reached.
        """
        headers = {"Authorization": f"Bearer {self._token()}"}
        timeout = aiohttp.ClientTimeout(total=LIMIT_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(self._url, json=item.body, headers=headers) as answer,
        ):
            if answer.status in NEVER:
                raise NeverTakenError(f"status {answer.status}")
            if answer.status != 200:  # noqa: PLR2004
                raise InboxError(f"status {answer.status}")
