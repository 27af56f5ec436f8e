"""Signing a browser in and out, and what is known of it."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Path, Request, Response
from fastapi.responses import RedirectResponse

from desk.accounts.agents import Agent
from desk.accounts.sessions import LIFETIME
from desk.security.cookies import drop_cookie, session_cookie, set_cookie, stranger_cookie
from desk.state import Desk

HASHING = CapacityLimiter(2)
"""Each password takes 64 MiB and a core for a moment: the others wait without holding a thread."""

SessionId = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]

Result = TypeVar("Result")


async def hashing(work: Callable[[], Result]) -> Result:
    """Do work with passwords in it, few at once."""
    return await to_thread.run_sync(work, limiter=HASHING)


def address(request: Request) -> str:
    """Where a request comes from; uvicorn sees through proxies that it was told to trust."""
    return request.client.host if request.client else "unknown"


def signed_in_redirect(request: Request, desk: Desk, agent: Agent, where: str) -> Response:
    """Sign a browser in, under a secret that it did not have before, and send it on.

    Raises:
        TicketStoreError: it is not signed in.
    """
    name = session_cookie(desk.settings)
    browser = request.headers.get("user-agent", "")
    secret = desk.accounts.sessions.start(agent.id, browser, request.cookies.get(name))
    answer = RedirectResponse(where, 303)
    set_cookie(answer, desk.settings, name, secret, LIFETIME)
    drop_cookie(answer, desk.settings, stranger_cookie(desk.settings))
    return answer
