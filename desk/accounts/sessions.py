"""Browsers that are signed in; each can be put out at any time."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Engine, Select, delete, select, update
from sqlalchemy.orm import Session, joinedload, sessionmaker

from desk.accounts.agents import Agent, Role
from desk.models import AgentRow, DeskSessionRow
from desk.security.csrf import new_token
from tickets.database import explained
from tickets.transactions import write

IDLE = timedelta(hours=12)
LIFETIME = timedelta(days=7)
SEEN_STEP = timedelta(minutes=1)
"""Not every request is worth a write."""

SECRET_BYTES = 32
BROWSER_CHARS = 255

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class OpenSession:
    """A browser that is signed in.

    Attributes:
        id: Names it; worth nothing as a cookie.
        agent: Who is signed in.
        csrf_token: What changes must show, as stored.
        browser: How it calls itself.
        created_at: When they signed in.
        seen_at: When it last asked for something, to the minute.
    """

    id: str
    agent: Agent
    csrf_token: str
    browser: str
    created_at: datetime
    seen_at: datetime


class Sessions:
    """Sessions in the database of the tickets; may be shared by threads.

    Args:
        engine: The database.
        now: The clock.
    """

    def __init__(self, engine: Engine, now: Clock = utc_now) -> None:
        self._engine = engine
        self._now = now
        self._read = sessionmaker(engine)

    def start(self, agent_id: int, browser: str, replaces: str | None = None) -> str:
        """Sign somebody in.

        Args:
            agent_id: Who.
            browser: How it calls itself.
            replaces: Secret of the session that this browser had before, which ends.

        Returns:
            The new secret, for the cookie.

        Raises:
            TicketStoreError: nothing was written.
        """
        secret = secrets.token_urlsafe(SECRET_BYTES)
        write(self._engine, lambda session: self._started(session, agent_id, browser, secret))
        if replaces:
            self.end(session_id(replaces))
        return secret

    def find(self, secret: str) -> OpenSession | None:
        """The session of a cookie; None when it has ended or there never was one.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        now = self._now()
        with explained(self._engine.url), self._read() as session:
            row = session.scalar(_open(now).where(DeskSessionRow.token_hash == session_id(secret)))
            found = _as_session(row) if row else None
        if found and now - found.seen_at >= SEEN_STEP:
            write(self._engine, lambda session: _seen(session, found.id, now))
        return found

    def of(self, agent_id: int) -> tuple[OpenSession, ...]:
        """Where an agent is signed in, the newest use first.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        query = _open(self._now()).where(DeskSessionRow.agent_id == agent_id)
        with explained(self._engine.url), self._read() as session:
            rows = session.scalars(query.order_by(DeskSessionRow.seen_at.desc()))
            return tuple(map(_as_session, rows))

    def end(self, session_id: str, of: int | None = None) -> bool:
        """Put a browser out.

        Args:
            session_id: Which.
            of: Only when it is this agent's.

        Returns:
            Whether there was one.

        Raises:
            TicketStoreError: nothing was written.
        """
        query = delete(DeskSessionRow).where(DeskSessionRow.token_hash == session_id)
        if of is not None:
            query = query.where(DeskSessionRow.agent_id == of)
        ended = query.returning(DeskSessionRow.token_hash)
        return write(self._engine, lambda session: session.scalar(ended) is not None)

    def end_all(self, agent_id: int, but: str | None = None) -> None:
        """Put out every browser of an agent, except the session `but`.

        Raises:
            TicketStoreError: nothing was written.
        """
        write(self._engine, lambda session: end_sessions(session, agent_id, but))

    def _started(self, session: Session, agent_id: int, browser: str, secret: str) -> None:
        now = self._now()
        session.execute(delete(DeskSessionRow).where(DeskSessionRow.expires_at <= now))
        session.add(
            DeskSessionRow(
                token_hash=session_id(secret),
                agent_id=agent_id,
                csrf_token=new_token(),
                browser=browser[:BROWSER_CHARS],
                created_at=now,
                seen_at=now,
                expires_at=now + LIFETIME,
            )
        )


def session_id(secret: str) -> str:
    """What the database keeps of a cookie's secret."""
    return sha256(secret.encode()).hexdigest()


def end_sessions(session: Session, agent_id: int, but: str | None = None) -> None:
    """Put out every browser of an agent, in the transaction of the change that calls for it."""
    query = delete(DeskSessionRow).where(DeskSessionRow.agent_id == agent_id)
    if but is not None:
        query = query.where(DeskSessionRow.token_hash != but)
    session.execute(query)


def as_agent(row: AgentRow) -> Agent:
    """An agent as the rest of the desk sees them."""
    return Agent(row.id, row.login, row.name, Role(row.role))


def _open(now: datetime) -> Select[DeskSessionRow]:
    return (
        select(DeskSessionRow)
        .join(DeskSessionRow.agent)
        .options(joinedload(DeskSessionRow.agent))
        .where(
            AgentRow.active.is_(True),
            DeskSessionRow.expires_at > now,
            DeskSessionRow.seen_at > now - IDLE,
        )
    )


def _seen(session: Session, session_id: str, now: datetime) -> None:
    query = update(DeskSessionRow).where(DeskSessionRow.token_hash == session_id)
    session.execute(query.values(seen_at=now))


def _as_session(row: DeskSessionRow) -> OpenSession:
    return OpenSession(
        id=row.token_hash,
        agent=as_agent(row.agent),
        csrf_token=row.csrf_token,
        browser=row.browser,
        created_at=row.created_at,
        seen_at=row.seen_at,
    )
