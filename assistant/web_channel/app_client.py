"""Requests to the app, which keeps files and ratings where the agents see them."""

import asyncio
from typing import Any
from urllib.parse import quote

import aiohttp

from assistant.web_channel.refusals import RefusedError
from assistant.web_channel.session_tokens import Tokens

CONNECT_S = 1.0
RATING_S = 4.0
FILE_S = 20.0
REFUSES = {
    413: "too_big",
    415: "bad_type",
    400: "bad_message",
    429: "too_many_files",
}
"""What the app says of a file or a rating, not of itself."""


class AppClient:
    """The action server's own addresses for this channel.

    Args:
        url: of the action server, without a slash at the end.
        tokens: make the service tokens.
        max_file_bytes: what the words on a file that is too big say.
    """

    def __init__(self, url: str, tokens: Tokens, max_file_bytes: int) -> None:
        self._url = url
        self._tokens = tokens
        self._max_file_bytes = max_file_bytes

    async def keep_file(self, sender: str, name: str, content: bytes) -> dict[str, Any]:
        """Give a file to the app.

        Returns:
            `id`, `name`, `media_type` as the content says, and `size` in bytes.

        Raises:
            RefusedError: too_big, bad_type, too_many_files, or unavailable where the app does not
                answer.
        """
        headers = {"X-Conversation": sender, "X-Filename": quote(name, safe="")}
        file = await self._post("/attachments", FILE_S, headers, data=content)
        if not all(isinstance(file.get(key), str) for key in ("id", "name", "media_type")):
            raise RefusedError("unavailable")
        return {key: file.get(key) for key in ("id", "name", "media_type", "size")}

    async def keep_rating(self, sender: str, rating: str, score: int) -> None:
        """Give a rating to the app; the same one twice is kept once.

        Raises:
            RefusedError: bad_message, or unavailable where the app does not answer.
        """
        body = {"conversation": sender, "id": rating, "score": score}
        await self._post("/ratings", RATING_S, {}, json=body)

    async def _post(
        self, path: str, limit_s: float, headers: dict[str, str], **body: object
    ) -> dict[str, Any]:
        told = {**headers, "Authorization": f"Bearer {self._tokens.service()}"}
        timeout = aiohttp.ClientTimeout(total=limit_s, connect=CONNECT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(f"{self._url}{path}", headers=told, **body) as answer,
            ):
                return await self._read(answer)
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as error:  # noqa: UP041
            raise RefusedError("unavailable") from error

    async def _read(self, answer: aiohttp.ClientResponse) -> dict[str, Any]:
        if answer.status in REFUSES:
            code = REFUSES[answer.status]
            too_big = code == "too_big"
            raise RefusedError.too_big(self._max_file_bytes) if too_big else RefusedError(code)
        if answer.status != 200:  # noqa: PLR2004
            raise RefusedError("unavailable")
        found = await answer.json()
        return found if isinstance(found, dict) else {}
