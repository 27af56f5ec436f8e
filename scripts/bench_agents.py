"""Agents at the desk as programs: signed in, listening for changes, fetching the queue."""

import asyncio
import re
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
from bench_servers import BenchError, Servers
from sqlalchemy.orm import Session

from amends.settings import Settings
from desk.accounts.agents import Role
from desk.accounts.sessions import Sessions
from desk.models import AgentRow
from desk.security.cookies import session_cookie
from tickets.database import open_engine

LISTEN_S = 30.0
PAUSE_S = 0.05
"""As the page waits, so that several events cause one request (desk/views/queue.html.j2)."""
REFERENCE = re.compile(r"AM-[A-Z0-9]{6}")


@dataclass
class Agent:
    """One browser at the desk.

    Attributes:
        http: Its connections, with its cookie.
        heard: When each event came first (`time.time()`), by name.
        shown: When a fetched queue held a ticket first, by reference.
    """

    http: httpx.AsyncClient
    heard: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    listening: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, fetches: bool) -> None:
        """Hear events until cancelled.

        Args:
            fetches: Whether the queue is fetched after each, as a browser that shows it does.
        """
        async with self.http.stream("GET", "/events") as response:
            if response.status_code != httpx.codes.OK:
                raise BenchError(f"expected events, found HTTP {response.status_code}")
            self.listening.set()
            async for line in response.aiter_lines():
                name = line.removeprefix("event: ") if line.startswith("event: ") else ""
                if name:
                    self.heard.setdefault(name, time.time())
                if name == "queue" and fetches:
                    await self._fetch()

    async def _fetch(self) -> None:
        await asyncio.sleep(PAUSE_S)
        text = (await self.http.get("/queue")).text
        now = time.time()
        for reference in REFERENCE.findall(text):
            self.shown.setdefault(reference, now)


@asynccontextmanager
async def agents_at(servers: Servers, count: int, fetching: int) -> AsyncIterator[list[Agent]]:
    """So many agents who listen; the first `fetching` of them also have the queue on screen."""
    cookies = _sign_in(servers.settings, count)
    name = session_cookie(servers.settings)
    agents = [
        Agent(
            # trust_env: a proxy for the web is no way to a server on this machine.
            httpx.AsyncClient(
                base_url=servers.settings.desk_address,
                cookies={name: cookie},
                trust_env=False,
                timeout=httpx.Timeout(LISTEN_S, read=None),
            )
        )
        for cookie in cookies
    ]
    tasks = [
        asyncio.create_task(agent.listen(place < fetching)) for place, agent in enumerate(agents)
    ]
    try:
        await asyncio.wait_for(
            asyncio.gather(*(agent.listening.wait() for agent in agents)), LISTEN_S
        )
        yield agents
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for agent in agents:
            await agent.http.aclose()


def _sign_in(settings: Settings, count: int) -> list[str]:
    """Accounts without a password, each with a session."""
    engine = open_engine(settings.ticket_database_url)
    with Session(engine) as session, session.begin():
        rows = [_account(number) for number in range(count)]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
    sessions = Sessions(engine)
    try:
        return [sessions.start(agent_id, "benchmark") for agent_id in ids]
    finally:
        engine.dispose()


def _account(number: int) -> AgentRow:
    return AgentRow(
        login=f"agent-{uuid.uuid4().hex}",
        name=f"Agent {number}",
        role=Role.AGENT,
        active=True,
        created_at=datetime.now(UTC),
    )
