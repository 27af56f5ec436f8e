"""The files of the ticket store: what shoppers sent, by conversation."""

import hashlib
import uuid
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker, undefer

from tickets.database import TicketStoreError, explained
from tickets.files import CheckedFile
from tickets.lookup import NotFoundError
from tickets.models import AttachmentRow
from tickets.transactions import write

MAX_FILES = 30
"""Of one conversation: nobody needs more to show what is wrong, and disks end."""


class TooManyFilesError(TicketStoreError):
    """A conversation has as many files as it may have."""


class Attachment(BaseModel):
    """A file on record; `size` is in bytes, `created_at` in UTC."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    conversation_id: str
    name: str
    media_type: str
    size: int
    created_at: datetime


class AttachmentStore:
    """Attachments in the database of the tickets; may be shared by threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = sessionmaker(engine)

    def add(self, conversation_id: str, file: CheckedFile) -> Attachment:
        """Store a file; returns after it is committed. The same content again is the same one.

        Raises:
            TooManyFilesError: the conversation has its share.
            TicketStoreError: nothing was written.
        """
        return write(self._engine, lambda session: _added(session, conversation_id, file))

    def of(self, conversation_id: str) -> tuple[Attachment, ...]:
        """The files of a conversation, oldest first.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        query = (
            select(AttachmentRow)
            .where(AttachmentRow.conversation_id == conversation_id)
            .order_by(AttachmentRow.created_at, AttachmentRow.id)
        )
        with explained(self._engine.url), self._read() as session:
            return tuple(map(Attachment.model_validate, session.scalars(query)))

    def read(self, attachment_id: str) -> tuple[Attachment, bytes]:
        """A file with its content.

        Raises:
            NotFoundError: there is none of that id.
            TicketStoreError: the database cannot be read.
        """
        query = (
            select(AttachmentRow)
            .where(AttachmentRow.id == attachment_id)
            .options(undefer(AttachmentRow.content))
        )
        with explained(self._engine.url), self._read() as session:
            row = session.scalar(query)
            if row is None:
                raise NotFoundError(
                    f"Expected the id of an attachment, found {attachment_id!r}, which none has. "
                    "See `amends tickets show REF`."
                )
            return Attachment.model_validate(row), row.content


def _added(session: Session, conversation_id: str, file: CheckedFile) -> Attachment:
    sha256 = hashlib.sha256(file.content).hexdigest()
    mine = AttachmentRow.conversation_id == conversation_id
    known = session.scalar(select(AttachmentRow).where(mine, AttachmentRow.sha256 == sha256))
    if known is not None:
        return Attachment.model_validate(known)
    count = session.scalar(select(func.count()).select_from(AttachmentRow).where(mine)) or 0
    if count >= MAX_FILES:
        raise TooManyFilesError(
            f"Expected at most {MAX_FILES} files in a conversation, found another one."
        )
    row = AttachmentRow(
        id=uuid.uuid4().hex,
        conversation_id=conversation_id,
        name=file.name,
        media_type=file.media_type,
        size=len(file.content),
        sha256=sha256,
        content=file.content,
        created_at=datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    return Attachment.model_validate(row)
