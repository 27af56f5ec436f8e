"""Brings what the web channel knows of a conversation into the ticket store, for the desk."""

from datetime import UTC, datetime

from amends.settings import Settings
from amends.transcript_client import Said, transcript
from nlu.reader import Reader
from tickets.conversations import Line
from tickets.store import TicketStore

OURS = ("bot", "notice")
"""Whose words are no personal data: they are the shop's own."""


def sync(conversation_id: str, settings: Settings, store: TicketStore) -> int:
    """Record what was said in a conversation and is not in the ticket store yet.

    Safe to repeat, and at the same time as messages come in: each has its id.

    Args:
        conversation_id: Rasa's sender id.
        settings: They say where the channel is, and how personal data are masked.
        store: Where it is recorded.

    Returns:
        How many messages are new.

    Raises:
        TranscriptError: the channel does not run or did not give it; what is in the store stays.
        ServiceKeyError: there is no key to sign with.
        TicketStoreError: nothing was written.
    """
    reader = Reader.of(settings)
    said = transcript(conversation_id, settings)
    return store.conversations.record_all([_line(conversation_id, one, reader) for one in said])


def _line(conversation_id: str, said: Said, reader: Reader) -> Line:
    return Line(
        conversation_id=conversation_id,
        message_id=said.id,
        role=said.role,
        name=said.name[:255] if said.name else None,
        text=said.text if said.role in OURS else reader.read(said.text),
        attachment_id=_attachment(said),
        assessment=said.assessment,
        created_at=datetime.fromtimestamp(said.at, UTC),
    )


def _attachment(said: Said) -> str | None:
    file = said.attachment or {}
    return file["id"] if isinstance(file.get("id"), str) else None
