"""The files that shoppers sent, as their agents get them."""

import re
from urllib.parse import quote

from fastapi import APIRouter, Response

from desk.accounts import current
from desk.pages.reference import Reference
from desk.state import TheDesk
from tickets.lookup import NotFoundError

router = APIRouter(prefix="/tickets/{reference}/files")

PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")
"""Decoded and written anew before they were stored: they hold a picture and nothing else."""

_ID = re.compile(r"[0-9a-f]{32}")


@router.get("/{file_id}")
def file(
    reference: Reference, file_id: str, _: current.Agent, desk: TheDesk, show: bool = False
) -> Response:
    """A file of the ticket's shopper, to be saved; with `show` a picture, to be looked at."""
    ticket = desk.store.get(reference)
    mine = desk.store.attachments.of(ticket.conversation_id) if ticket else ()
    if not _ID.fullmatch(file_id) or file_id not in [one.id for one in mine]:
        raise NotFoundError("This ticket has no such file.")
    attachment, content = desk.store.attachments.read(file_id)
    is_picture = show and attachment.media_type in PICTURES
    way = "inline" if is_picture else "attachment"
    return Response(
        content,
        # What is no picture is never shown as a page of the desk, whatever it says it is.
        media_type=attachment.media_type if is_picture else "application/octet-stream",
        headers={
            "Content-Disposition": f"{way}; filename*=UTF-8''{quote(attachment.name)}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
