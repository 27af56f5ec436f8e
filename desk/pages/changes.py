"""What an agent does to a ticket: claim, release, hand back, resolve, reopen, assign."""

import re
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response

from amends.errors import AmendsError
from desk.accounts import Agent, SignedIn, current
from desk.pages.reference import Reference
from desk.pages.ticket import answer
from desk.state import Desk, TheDesk
from tickets.database import DatabaseFaultError, TicketStoreError
from tickets.delivery.now import deliver_now
from tickets.lookup import NotFoundError
from tickets.takeover import Standing, Takeover

router = APIRouter(prefix="/tickets/{reference}")

Change = Literal["claim", "release", "hand-back", "resolve", "reopen"]
Made = Callable[[Takeover, str, Agent], Standing]

CHANGES: dict[Change, tuple[Made, str]] = {
    "claim": (
        lambda takeover, reference, agent: takeover.claim(reference, agent.name, agent.login),
        "The ticket is yours, and the chat assistant is silent.",
    ),
    "release": (
        lambda takeover, reference, agent: takeover.release(reference, agent.login),
        "The ticket is back in the queue.",
    ),
    "hand-back": (
        lambda takeover, reference, agent: takeover.hand_back(reference, agent.login),
        "The chat assistant answers again.",
    ),
    "resolve": (
        lambda takeover, reference, agent: takeover.resolve(reference, agent.login),
        "The ticket is resolved.",
    ),
    "reopen": (
        lambda takeover, reference, agent: takeover.reopen(reference, agent.login),
        "The ticket is open again.",
    ),
}

NOT_TOLD = "The shopper was not told yet; it is tried again."
FOR_TERMINALS = re.compile(r"[^.`]*`amends [^`]*`[^.]*\.")
"""What an error tells people who work by command."""


# Not a name of its own for each: what differs is in the table.
@router.post("/change/{change}")
def make(
    request: Request,
    reference: Reference,
    change: Change,
    agent: current.CheckedAgent,
    desk: TheDesk,
) -> Response:
    """Change who has the ticket, or close it; 409 with the reason when that cannot be."""
    made, said = CHANGES[change]
    return _change(
        request,
        desk,
        agent,
        reference,
        lambda: made(desk.store.takeover, reference, agent.agent),
        said,
    )


@router.post("/assign")
def assign(
    request: Request,
    reference: Reference,
    agent: current.CheckedAgent,
    desk: TheDesk,
    to: Annotated[str, Form(max_length=255)] = "",
) -> Response:
    """Say whose ticket it shall be; nobody's when `to` is empty."""
    names = {one.login: one.name for one in desk.accounts.people.active()}
    if to and to not in names:
        return answer(request, agent, desk, reference, "Nobody here has this account.", 409)
    said = f"The ticket is for {names[to]}." if to else "The ticket is nobody's."
    return _change(
        request,
        desk,
        agent,
        reference,
        lambda: desk.store.takeover.assign(reference, to or None, agent.agent.login),
        said,
    )


def _change(
    request: Request,
    desk: Desk,
    agent: SignedIn,
    reference: str,
    made: Callable[[], Standing],
    said: str,
) -> Response:
    try:
        standing = made()
    except (NotFoundError, DatabaseFaultError):
        raise
    except TicketStoreError as error:
        words = _refused(desk, reference, agent.agent, error)
        return answer(request, agent, desk, reference, words, 409)
    return answer(request, agent, desk, reference, f"{said} {_told(desk, standing)}".strip())


def _told(desk: Desk, standing: Standing) -> str:
    try:
        shown = deliver_now(desk.store, desk.settings, standing.untold)
    except AmendsError:
        # Committed with the change, so the worker goes on trying.
        return NOT_TOLD
    return "The shopper is away and reads it on coming back." if shown == 0 else ""


def _refused(desk: Desk, reference: str, agent: Agent, error: TicketStoreError) -> str:
    ticket = desk.store.get(reference)
    talks = desk.store.conversations.owner(ticket.conversation_id) if ticket else None
    if talks and talks.talking == "agent" and talks.agent != agent.name:
        return f"{talks.agent} was faster and talks with the shopper. Nothing was changed."
    return FOR_TERMINALS.sub("", str(error)).strip()
