"""`POST /attachments`: a file from a shopper."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import cast
from urllib.parse import unquote

from pydantic import TypeAdapter, ValidationError
from sanic import HTTPResponse, Request
from sanic.http import Http
from sanic.response import json

from actions import services
from actions.web.answers import RefusedError, for_channel
from amends.settings import get_settings
from tickets.attachments import MAX_FILES, Attachment, TooManyFilesError
from tickets.case import Identifier
from tickets.files import BadFileError, check_file

MEBIBYTE = 1024 * 1024
NAME_CHARS = 300

AT_ONCE = 8
"""Files that may be on their way; each holds its bytes in memory."""

STATUS = {"bad_type": 415, "too_big": 413}
BUSY = "Many files are coming in right now. Please send yours again in a minute."
TOO_MANY = f"This chat holds {MAX_FILES} files already, and I cannot take another one."

_identifier: TypeAdapter[str] = TypeAdapter(Identifier)
_on_the_way = asyncio.Semaphore(AT_ONCE)
# One picture is decoded at a time: it may need half a gigabyte, and messages must still be scored.
_checker = ThreadPoolExecutor(1, thread_name_prefix="files")


@for_channel
async def attachments(request: Request) -> HTTPResponse:
    """200 with id, name, media type and size once the file is checked and committed."""
    conversation, name = _conversation(request), _name(request)
    if _on_the_way.locked():
        raise RefusedError(503, "unavailable", BUSY)
    async with _on_the_way:
        content = await _capped(request, get_settings().max_attachment_mb)
        stored = await _kept(conversation, name, content)
    return json(stored.model_dump(include={"id", "name", "media_type", "size"}))


def _conversation(request: Request) -> str:
    try:
        return _identifier.validate_python(request.headers.get("x-conversation"))
    except ValidationError as error:
        raise RefusedError(
            400, "bad_message", "Expected the header X-Conversation, 1 to 255 characters."
        ) from error


def _name(request: Request) -> str:
    """The name of the file, masked like all that a shopper writes."""
    typed = unquote(request.headers.get("x-filename", ""), errors="replace")
    # The end counts: it says what the file claims to be.
    return services.reader().read(typed[-NAME_CHARS:])


async def _capped(request: Request, megabytes: float) -> bytes:
    limit = int(megabytes * MEBIBYTE)
    too_big = RefusedError(
        413, "too_big", f"That file is larger than {megabytes:g} MB. Please send a smaller one."
    )
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > limit:
        raise too_big
    content = bytearray()
    stream = cast(Http, request.stream)
    while (piece := await stream.read()) is not None:
        content += piece
        if len(content) > limit:
            raise too_big
    return bytes(content)


async def _kept(conversation: str, name: str, content: bytes) -> Attachment:
    loop = asyncio.get_running_loop()
    try:
        file = await loop.run_in_executor(_checker, check_file, content, name)
        store = services.ticket_store
        return await asyncio.to_thread(lambda: store().attachments.add(conversation, file))
    except BadFileError as error:
        raise RefusedError(STATUS[error.code], error.code, str(error)) from error
    except TooManyFilesError as error:
        raise RefusedError(429, "too_many", TOO_MANY) from error
