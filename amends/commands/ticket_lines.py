"""Tickets as lines with tabs, for pipes."""

from dataclasses import dataclass
from typing import Self

import typer
from pydantic import JsonValue

from nlu.assessment import Evidence
from tickets.attachments import Attachment
from tickets.case import Message, Ticket
from tickets.conversations import Line, Owner
from tickets.notes import Deed, Note
from tickets.ratings import Rating
from tickets.store import TicketStore

JOINER = "\u200d"


@dataclass(frozen=True)
class Story:
    """A ticket and what there is besides: who talks, what was said and sent, notes, history."""

    ticket: Ticket
    owner: Owner
    said: tuple[Line, ...]
    attachments: tuple[Attachment, ...]
    rating: Rating | None
    notes: tuple[Note, ...]
    deeds: tuple[Deed, ...]

    @classmethod
    def of(cls, store: TicketStore, ticket: Ticket) -> Self:
        """Read it all.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        chat = ticket.conversation_id
        return cls(
            ticket=ticket,
            owner=store.conversations.owner(chat),
            said=store.conversations.lines(chat),
            attachments=store.attachments.of(chat),
            rating=store.ratings.of(ticket.reference),
            notes=store.notes.of(ticket.reference),
            deeds=store.notes.deeds(ticket.reference),
        )


def row(ticket: Ticket) -> tuple[str, ...]:
    """The cells of a ticket in the list."""
    updated = f"{ticket.updated_at:%Y-%m-%d %H:%M:%S}"
    count = str(len(ticket.messages))
    cells = (ticket.category, updated, count, ticket.rule, ticket.detail, last(ticket))
    return (ticket.reference, ticket.status, *map(clean, cells))


def last(ticket: Ticket) -> str:
    """What the shopper wrote last on the ticket."""
    return ticket.messages[-1].text if ticket.messages else ""


def story_lines(story: Story) -> list[tuple[str, ...]]:
    """A ticket and its chat, a line a thing."""
    messages = [("message", *message_cells(message)) for message in story.ticket.messages]
    said = [("said", *said_cells(line)) for line in story.said]
    files = [("attachment", *file_cells(file)) for file in story.attachments]
    notes = [("note", *note_cells(note)) for note in story.notes]
    done = [("done", *deed_cells(deed)) for deed in story.deeds]
    return [*fields(story), *messages, *said, *files, *notes, *done]


def fields(story: Story) -> list[tuple[str, ...]]:
    """What a ticket is, by name."""
    ticket, owner, rating = story.ticket, story.owner, story.rating
    fields = {
        "reference": ticket.reference,
        "status": ticket.status,
        "category": ticket.category,
        "conversation": ticket.conversation_id,
        "opened": f"{ticket.created_at:%Y-%m-%d %H:%M:%S}",
        "updated": f"{ticket.updated_at:%Y-%m-%d %H:%M:%S}",
        "severity": f"{ticket.severity:g}",
        **({"owner": ticket.owner} if ticket.owner else {}),
        "rule": ticket.rule,
        "why": ticket.detail,
        **({"talking": owner.agent or ""} if owner.talking == "agent" else {}),
        **({"rating": f"{rating.score} of 5"} if rating else {}),
    }
    return [(name, clean(value)) for name, value in fields.items()]


def message_cells(message: Message) -> tuple[str, ...]:
    """Time, id, rule, why it fired, scores and text."""
    cells = (
        f"{message.created_at:%Y-%m-%d %H:%M:%S}",
        message.message_id,
        message.triage.rule,
        message.triage.detail,
        _scores(message),
        message.text,
    )
    return tuple(map(clean, cells))


def said_cells(line: Line) -> tuple[str, ...]:
    """Time, id, role, name, text, and the id of an attachment."""
    cells = (
        f"{line.created_at:%Y-%m-%d %H:%M:%S}",
        line.message_id,
        line.role,
        line.name or "",
        line.text,
        line.attachment_id or "",
    )
    return tuple(map(clean, cells))


def file_cells(file: Attachment) -> tuple[str, ...]:
    """Time, id, name, media type and bytes."""
    time = f"{file.created_at:%Y-%m-%d %H:%M:%S}"
    return tuple(map(clean, (time, file.id, file.name, file.media_type, str(file.size))))


def note_cells(note: Note) -> tuple[str, ...]:
    """Time, author and text."""
    return tuple(map(clean, (f"{note.created_at:%Y-%m-%d %H:%M:%S}", note.author, note.text)))


def deed_cells(deed: Deed) -> tuple[str, ...]:
    """Time, who, what, and what else there is to know of it."""
    detail = ", ".join(f"{name} {value}" for name, value in deed.detail.items())
    time = f"{deed.created_at:%Y-%m-%d %H:%M:%S}"
    return tuple(map(clean, (time, deed.actor, deed.action.replace("_", " "), detail)))


def _scores(message: Message) -> str:
    scores = message.assessment or {}
    shown = ("polarity", "intensity", "valence", "complaint", "severity", "category", "model")
    told = [f"{name} {scores[name]}" for name in shown if name in scores]
    return ", ".join([*told, *_evidence(scores)]) or "not scored"


def _evidence(scores: dict[str, JsonValue]) -> list[str]:
    """The words that carried the scores; a message that was in a hurry has none."""
    found = scores.get("evidence")
    if not found:
        return []
    evidence = Evidence.model_validate(found)
    words = [f'"{word.text}"' for word in evidence.words]
    return [" ".join(["evidence", *words, *(["capitals"] if evidence.capitals else [])])]


def clean(text: str) -> str:
    """One line without control signs: a shopper's words must not steer an agent's terminal."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() or c == JOINER else "\ufffd" for c in line)


def print_lines(lines: list[tuple[str, ...]]) -> None:
    """Print them, with tabs between the cells."""
    for line in lines:
        typer.echo("\t".join(line))
