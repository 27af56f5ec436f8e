"""Both sides of a conversation, in the order in which they were said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue, ValidationError

from desk.pages.evidence import Piece, pieces
from nlu.assessment import Assessment
from tickets.attachments import Attachment
from tickets.case import Message, Ticket
from tickets.conversations import Line
from tickets.labels import Correction, Label

Scores = Mapping[str, JsonValue]

UNCORRECTED = Correction()


@dataclass(frozen=True)
class Entry:
    """Something that was said.

    Attributes:
        id: Names it within the conversation.
        role: Who said it: `shopper`, `bot`, `agent` or `notice`.
        name: What the speaker is called, None when that is not known.
        pieces: The words, with those marked that carried the score.
        at: When, UTC.
        assessment: Scores of a shopper's message; None when there are none.
        reference: The ticket that it is on; None when it is on none.
        rule: The rule that fired, on a ticket.
        detail: What made it fire.
        correction: What agents said of it, all taken together.
        attachment: A file that came with it.
    """

    id: str
    role: str
    name: str | None
    pieces: tuple[Piece, ...]
    at: datetime
    assessment: Assessment | None = None
    reference: str | None = None
    rule: str = ""
    detail: str = ""
    correction: Correction = UNCORRECTED
    attachment: Attachment | None = None

    @property
    def polarity(self) -> str | None:
        """The corrected polarity, else the one that was scored."""
        scored = self.assessment.polarity if self.assessment else None
        return self.correction.polarity or scored

    @property
    def intensity(self) -> str | None:
        """The corrected intensity, else the one that was scored."""
        scored = self.assessment.intensity if self.assessment else None
        return self.correction.intensity or scored

    @property
    def category(self) -> str | None:
        """The corrected category, else the one that was found."""
        scored = self.assessment.category if self.assessment else None
        return self.correction.category or scored


def transcript(
    lines: Iterable[Line],
    tickets: Iterable[Ticket],
    labels: Mapping[str, Iterable[Label]],
    files: Iterable[Attachment],
) -> tuple[Entry, ...]:
    """Put together what was said and what is known of it.

    A message that is on a ticket and in the conversation is one entry.

    Args:
        lines: What was said.
        tickets: Of the same conversation.
        labels: What agents corrected, by reference.
        files: What the shopper sent.
    """
    by_id = {file.id: file for file in files}
    entries = {line.message_id: _of_line(line, by_id) for line in lines}
    for ticket in tickets:
        corrections = _together(labels.get(ticket.reference, ()))
        for message in ticket.messages:
            said = entries.get(message.message_id)
            entries[message.message_id] = _of_message(message, ticket, said, corrections)
    return tuple(sorted(entries.values(), key=lambda entry: entry.at))


def scores(stored: Scores | None) -> Assessment | None:
    """Stored scores; None when nothing was scored, or by a version that knew others."""
    if not stored:
        return None
    try:
        return Assessment.model_validate(stored)
    except ValidationError:
        return None


def _of_line(line: Line, files: Mapping[str, Attachment]) -> Entry:
    assessment = scores(line.assessment)
    return Entry(
        id=line.message_id,
        role=line.role,
        name=line.name,
        pieces=pieces(line.text, assessment),
        at=line.created_at,
        assessment=assessment,
        attachment=files.get(line.attachment_id or ""),
    )


def _of_message(
    message: Message, ticket: Ticket, said: Entry | None, corrections: Mapping[str, Correction]
) -> Entry:
    assessment = scores(message.assessment)
    return Entry(
        id=message.message_id,
        role="shopper",
        name=said.name if said else None,
        pieces=pieces(message.text, assessment),
        # When it was said; a ticket knows only when it was written down.
        at=said.at if said else message.created_at,
        assessment=assessment,
        reference=ticket.reference,
        rule=message.triage.rule,
        detail=message.triage.detail,
        correction=corrections.get(message.message_id, UNCORRECTED),
        attachment=said.attachment if said else None,
    )


def _together(labels: Iterable[Label]) -> dict[str, Correction]:
    found: dict[str, Correction] = {}
    for label in labels:
        earlier = found.get(label.message_id, UNCORRECTED)
        found[label.message_id] = label.correction.after(earlier)
    return found
