"""`GET /events`: tells one browser, as long as its session lasts, which tickets changed."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import APIRouter, Depends
from sse_starlette import EventSourceResponse, ServerSentEvent

from desk.accounts import current
from desk.accounts.agents import SignedIn
from desk.live.subscription import Changes
from desk.state import Desk, desk
from tickets.database import TicketStoreError

HOLD_S = 0.2
"""What changes within it is told together: fifty agents' clicks are not fifty requests a browser.

The first change goes out at once, and nothing is held back for longer than this.
"""
SESSION_CHECK_S = 5.0
PING_S = 15
"""Before proxies take the silence for the end."""

router = APIRouter()


@router.get("/events")
async def events(agent: current.Agent, desk: Annotated[Desk, Depends(desk)]) -> EventSourceResponse:
    """Server-sent events without data: `queue`, `ticket-AM-XXXXXX`, `reload`, `signed-out`.

    After `reload` everything on the screen is to be fetched again; after `signed-out` the stream
    ends.
    """
    return EventSourceResponse(_events(desk, agent), ping=PING_S)


async def _events(desk: Desk, agent: SignedIn) -> AsyncIterator[ServerSentEvent]:
    checked = time.monotonic()
    async with desk.live.subscribe() as subscription:
        while True:
            changes = await subscription.changes(SESSION_CHECK_S)
            if time.monotonic() - checked >= SESSION_CHECK_S:
                if not await asyncio.to_thread(_still_in, desk, agent):
                    yield ServerSentEvent(event="signed-out", data="")
                    return
                checked = time.monotonic()
            for event in _named(changes or Changes()):
                yield ServerSentEvent(event=event, data="")
            await asyncio.sleep(HOLD_S)


def _still_in(desk: Desk, agent: SignedIn) -> bool:
    """Whether the session goes on; asking does not count as using it."""
    try:
        sessions = desk.accounts.sessions.of(agent.agent.id)
    except TicketStoreError:
        return True  # Whatever the browser then asks for is checked by itself.
    return any(session.id == agent.session_id for session in sessions)


def _named(changes: Changes) -> Iterator[str]:
    if changes.reload:
        yield "reload"
    if changes.references:
        yield "queue"
    for reference in changes.references:
        yield f"ticket-{reference}"
