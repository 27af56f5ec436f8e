"""`POST attachments`: a photo or file, capped while it is read, and given to the app."""

import asyncio

from sanic.request import Request
from sanic.response import HTTPResponse, json

from assistant.web_channel.app_client import AppClient
from assistant.web_channel.http_request import bearer, read_body
from assistant.web_channel.limits import Buckets, Limits
from assistant.web_channel.origins import Origins
from assistant.web_channel.refusals import RefusedError
from assistant.web_channel.rooms import Rooms
from assistant.web_channel.session_tokens import Tokens

MULTIPART_BYTES = 16_384
"""What a form adds to the one file in it."""
MAX_NAME_CHARS = 120


class AttachmentEndpoint:
    """Takes files of shoppers who have a chat token."""

    def __init__(
        self, tokens: Tokens, origins: Origins, rooms: Rooms, app: AppClient, limits: Limits
    ) -> None:
        self._tokens, self._origins, self._rooms = tokens, origins, rooms
        self._app = app
        self._limits = limits
        self._uploads = Buckets(limits.uploads_of_shopper)
        self._now = 0

    async def post(self, request: Request) -> HTTPResponse:
        """Answer with `id`, `name`, `media_type` and `size` of the file.

        Raises:
            RefusedError: bad_origin, bad_token, expired_token, too_many, too_big, bad_type,
                bad_message, unavailable.
        """
        self._origins.check(request.headers.get("origin"))
        sender = self._tokens.shopper(bearer(request)).sender
        wait = self._uploads.take(sender)
        if wait or self._now >= self._limits.uploads_at_once:
            raise RefusedError.too_many(wait or 5.0)
        self._now += 1
        try:
            return await asyncio.wait_for(self._take(request, sender), self._limits.upload_s)
        except asyncio.TimeoutError as error:  # noqa: UP041 - another class in Python 3.10
            raise RefusedError("unavailable") from error
        finally:
            self._now -= 1

    async def _take(self, request: Request, sender: str) -> HTTPResponse:
        name, content = await self._file(request)
        file = await self._app.keep_file(sender, name, content)
        shown = {key: file[key] for key in ("id", "name", "media_type")}
        self._rooms.room(sender).uploaded(shown)
        return json(file)

    async def _file(self, request: Request) -> tuple[str, bytes]:
        too_big = RefusedError.too_big(self._limits.max_file_bytes)
        await read_body(request, self._limits.max_file_bytes + MULTIPART_BYTES, too_big)
        try:
            file = request.files.get("file") if request.files else None
        except (LookupError, ValueError) as error:
            raise RefusedError("bad_message") from error
        if file is None or not file.body:
            raise RefusedError("bad_message")
        if len(file.body) > self._limits.max_file_bytes:
            raise too_big
        return _plain(file.name), file.body


def _plain(name: str | None) -> str:
    """The last part of a name, without what is no character; browsers send no folders."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(character for character in last if character.isprintable()).strip()
    return shown[-MAX_NAME_CHARS:] or "file"
