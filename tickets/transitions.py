"""What claim, release, assign, hand back, resolve and reopen change, and what is written down.

Each makes a change for `tickets.takeover`, which holds the locks. A change that was made already
changes nothing and leaves nothing in writing.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets.case import Status
from tickets.database import TicketStoreError
from tickets.models import ConversationRow, TicketRow
from tickets.record import audit, queue_event
from tickets.talks import claimed_tickets, give_back, is_over, leave, take_over

Change = Callable[[Session, TicketRow, ConversationRow], None]

Words = Literal["joined", "left", "left_unnamed", "released", "back"]
"""Keys of `notices.yml`."""


def claim(login: str, name: str) -> Change:
    """An agent takes ticket and conversation."""

    def change(session: Session, row: TicketRow, talk: ConversationRow) -> None:
        _check_active(row)
        if talk.talking == "agent" and talk.owner != login:
            raise TicketStoreError(
                f"Expected a conversation that nobody else has, found {row.reference} with "
                f"{talk.agent}. Ask {talk.agent} to run `amends tickets hand-back {row.reference}`."
            )
        if talk.talking != "agent":
            take_over(talk, login, name)
            _tell(session, row, talk, "joined", name)
        if _set_status(row, Status.CLAIMED, login, waits=False):
            _write_down(session, row, login, "claimed")

    return change


def release(by: str) -> Change:
    """The agent leaves the ticket to others."""

    def change(session: Session, row: TicketRow, talk: ConversationRow) -> None:
        _check_active(row)
        name = talk.agent
        if not _set_status(row, Status.OPEN, None, waits=True):
            return
        session.flush()
        if talk.talking == "agent" and not claimed_tickets(session, talk):
            leave(talk)
            _tell(session, row, talk, "released", name)
        _write_down(session, row, by, "released")

    return change


def assign(to: str | None, by: str) -> Change:
    """The ticket is for a certain agent, who has yet to claim it."""

    def change(session: Session, row: TicketRow, talk: ConversationRow) -> None:
        _check_active(row)
        if row.owner != to and row.status == Status.CLAIMED:
            release(by)(session, row, talk)
        if row.owner == to:
            return
        row.owner, row.updated_at = to, datetime.now(UTC)
        audit(session, row, by, "assigned", {"to": to})

    return change


def hand_back(by: str) -> Change:
    """The bot talks again; the tickets stay open."""

    def change(session: Session, row: TicketRow, talk: ConversationRow) -> None:
        _check_active(row)
        if talk.takeovers == 0 and talk.waits == 0:
            raise TicketStoreError(
                f"Expected a conversation that a person has, found {row.reference} with the bot, "
                "which had it all along. There is nothing to hand back."
            )
        if talk.talking == "bot":
            return
        left = claimed_tickets(session, talk)
        for claimed in left:
            _set_status(claimed, Status.OPEN, None, waits=True)
        _end_stay(session, row, talk)
        for ticket in {row.id: row, **{claimed.id: claimed for claimed in left}}.values():
            _write_down(session, ticket, by, "handed_back")

    return change


def resolve(by: str) -> Change:
    """The case is closed, and the shopper is asked whether it helped."""

    def change(session: Session, row: TicketRow, talk: ConversationRow) -> None:
        if row.status == Status.RESOLVED:
            return
        _set_status(row, Status.RESOLVED, row.owner or by, waits=False)
        row.resolved_at = row.updated_at
        session.flush()
        if is_over(session, talk):
            _end_stay(session, row, talk)
        queue_event(session, row, "chat.rating", {"id": row.reference})
        _write_down(session, row, by, "resolved")

    return change


def reopen(by: str) -> Change:
    """The case was not closed after all."""

    def change(session: Session, row: TicketRow, talk: ConversationRow) -> None:
        if row.status != Status.RESOLVED:
            return
        _check_only_one(session, row)
        _set_status(row, Status.OPEN, None, waits=True)
        row.resolved_at = None
        _write_down(session, row, by, "reopened")

    return change


def _end_stay(session: Session, row: TicketRow, talk: ConversationRow) -> None:
    # Nobody who never came may be said to have left.
    words: Words = "left" if talk.talking == "agent" else "back"
    name = talk.agent
    give_back(talk)
    _tell(session, row, talk, words, name)


def _tell(
    session: Session, row: TicketRow, talk: ConversationRow, words: Words, name: str | None
) -> None:
    """Queue a notice to the shopper.

    Its id names the stay of a person, or the wait for one, that it is about: each has its own.
    """
    kind = {"joined": "joined", "released": "waiting"}.get(words, "left")
    stay = f"wait-{talk.waits}" if words == "back" else f"takeover-{talk.takeovers}"
    payload = {"id": f"{stay}-{kind}", "words": words, "name": name}
    queue_event(session, row, f"chat.{kind}", payload)


def _write_down(session: Session, row: TicketRow, actor: str, action: str) -> None:
    audit(session, row, actor, action)
    if action == "released":  # helpdesks know open and claimed
        action = "handed_back"
    payload = {"reference": row.reference, "conversation_id": row.conversation_id, "by": actor}
    queue_event(session, row, f"ticket.{action}", {**payload, "status": row.status})


def _set_status(row: TicketRow, status: Status, owner: str | None, *, waits: bool) -> bool:
    if row.status == status and row.owner == owner:
        return False
    row.status, row.owner, row.updated_at = status, owner, datetime.now(UTC)
    # Who waits already goes on waiting.
    row.waiting_since = (row.waiting_since or time.time()) if waits else None
    return True


def _check_active(row: TicketRow) -> None:
    if row.status == Status.RESOLVED:
        raise TicketStoreError(
            f"Expected a ticket that is not resolved, found {row.reference} resolved. "
            "Reopen it; what the shopper complains of next opens a new one."
        )


def _check_only_one(session: Session, row: TicketRow) -> None:
    newer = select(TicketRow.reference).where(
        TicketRow.conversation_id == row.conversation_id,
        TicketRow.category == row.category,
        TicketRow.status != Status.RESOLVED,
    )
    found = session.scalar(newer)
    if found is not None:
        raise TicketStoreError(
            f"Expected a conversation without a newer case about the same thing, found {found}. "
            f"Go on with {found} instead of reopening {row.reference}."
        )
