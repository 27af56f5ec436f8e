"""The files that shoppers sent."""

import re
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Response

from desk.api.answers import Attachments
from desk.api.door import AttachmentsRead
from desk.api.problems import documented
from desk.api.tickets import found
from desk.api.values import Reference
from desk.state import TheDesk
from tickets.lookup import NotFoundError

router = APIRouter(tags=["attachments"])

_ID = re.compile(r"[0-9a-f]{32}")

_CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/tickets/{reference}/attachments", responses=documented(401, 403, 404, 422, 429, 503))
def list_attachments(_: AttachmentsRead, reference: Reference, desk: TheDesk) -> Attachments:
    """The files that the ticket's shopper sent in this conversation."""
    ticket = found(desk.store, reference)
    return Attachments(attachments=desk.store.attachments.of(ticket.conversation_id))


@router.get(
    "/attachments/{attachment_id}",
    response_class=Response,
    responses={**_CONTENT, **documented(401, 403, 404, 422, 429, 503)},
)
def read_attachment(
    _: AttachmentsRead,
    attachment_id: Annotated[str, Path(min_length=1, max_length=64)],
    desk: TheDesk,
) -> Response:
    """The content of a file; its media type and name stand in the list."""
    if not _ID.fullmatch(attachment_id):
        raise _none()
    attachment, content = desk.store.attachments.read(attachment_id)
    # A file of a stranger: no browser may show it as a page of the desk.
    return Response(
        content,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(attachment.name)}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
        },
    )


def _none() -> NotFoundError:
    return NotFoundError(
        "Expected the id of an attachment, found something else. "
        "List them with GET /api/v1/tickets/{reference}/attachments."
    )
