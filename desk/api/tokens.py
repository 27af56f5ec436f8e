"""Tokens that let other programs in: made once, shown once, kept as a hash."""

import hashlib
import logging
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from amends.errors import AmendsError
from desk.api.scopes import Scope
from desk.models import ApiTokenRow
from tickets.database import DatabaseFaultError, explained
from tickets.transactions import write

logger = logging.getLogger(__name__)

PREFIX = "amends_"
SHAPE = re.compile(r"amends_[A-Za-z0-9_-]{43}")
NAME_CHARS = 100
MAX_DAYS = 3650

TOO_MANY = 2**31
"""More than PostgreSQL takes for a number of a row."""

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is known when a token was last used: a write a request would be too much."""


class TokenError(AmendsError):
    """A token that cannot be made or revoked; says what was expected, found, and to do."""


class NoEntryError(AmendsError):
    """A token that lets nobody in; the message tells a stranger no more than its holder knows."""


class Token(BaseModel):
    """A token on record, without its secret; times are in UTC.

    Attributes:
        id: What it is revoked by.
        name: The program that holds it.
        scopes: What it lets its holder do.
        created_by: Login of who made it.
        expires_at: None for never.
        revoked_at: None for not revoked.
        seen_at: When it was last used, to the minute; None for never.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: int
    name: str
    scopes: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    seen_at: datetime | None

    @property
    def state(self) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        expired = self.expires_at is not None and self.expires_at <= datetime.now(UTC)
        return "expired" if expired else "active"


@dataclass(frozen=True)
class Caller:
    """The program that asks.

    Attributes:
        token_id: Which token it has.
        name: What the token is called.
        scopes: What it may do; what this version does not know counts for nothing.
    """

    token_id: int
    name: str
    scopes: frozenset[str]

    @property
    def login(self) -> str:
        """Who it is on tickets and in the audit."""
        return f"token:{self.name}"


class TokenStore:
    """Tokens in the database of the tickets; may be shared by threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = sessionmaker(engine)

    def create(
        self, name: str, scopes: list[str], by: str, days: int | None = None
    ) -> tuple[str, Token]:
        """Make a token; returns after it is committed.

        Args:
            name: The program that will hold it; no other token that lets anybody in has it.
            scopes: Names of `Scope`, at least one.
            by: Login of who makes it.
            days: How long it lasts, 1 to 3650; None for ever.

        Returns:
            The secret, which nobody can read again, and what is on record.

        Raises:
            TokenError: the name is taken or empty, a scope is unknown, or the days are too many.
            TicketStoreError: nothing was written.
        """
        secret = PREFIX + secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        columns = {
            "token_hash": _hash(secret),
            "name": _name(name),
            "scopes": _scopes(scopes),
            "created_by": by,
            "created_at": now,
            "expires_at": _end(days, now),
        }
        return secret, write(self._engine, lambda session: _created(session, columns))

    def list(self) -> tuple[Token, ...]:
        """Every token there ever was, the newest first.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        query = select(ApiTokenRow).order_by(ApiTokenRow.id.desc())
        with explained(self._engine.url), self._read() as session:
            return tuple(map(Token.model_validate, session.scalars(query)))

    def revoke(self, token_id: int) -> Token:
        """Let a token's holder in no more; doing so again changes nothing.

        Raises:
            TokenError: there is no such token.
            TicketStoreError: nothing was written.
        """
        return write(self._engine, lambda session: _revoked(session, token_id))

    def admit(self, secret: str) -> Caller:
        """Who holds that secret.

        Raises:
            NoEntryError: nobody does, or it has expired or was revoked.
            TicketStoreError: the database cannot be read.
        """
        if not SHAPE.fullmatch(secret):
            raise NoEntryError(f"Expected a token that begins with {PREFIX}, found something else.")
        query = select(ApiTokenRow).where(ApiTokenRow.token_hash == _hash(secret))
        with explained(self._engine.url), self._read() as session:
            row = session.scalar(query)
            token = Token.model_validate(row) if row else None
        if token is None or token.state != "active":
            found = f"one that is {token.state}" if token else "one that is not known"
            raise NoEntryError(f"Expected a token that lets you in, found {found}.")
        self._note_use(token)
        return Caller(token.id, token.name, frozenset(token.scopes))

    def _note_use(self, token: Token) -> None:
        now = datetime.now(UTC)
        if token.seen_at is not None and token.seen_at > now - SEEN_EVERY:
            return
        change = update(ApiTokenRow).where(ApiTokenRow.id == token.id).values(seen_at=now)
        try:
            write(self._engine, lambda session: session.execute(change))
        except DatabaseFaultError as error:
            # Whoever only reads need not wait until others have written.
            logger.warning("it is not noted that token %d was used: %s", token.id, error)


def _hash(secret: str) -> str:
    # 256 random bits: there is nothing to guess, so no slow hash is needed.
    return hashlib.sha256(secret.encode()).hexdigest()


def _name(typed: str) -> str:
    name = "".join(filter(str.isprintable, " ".join(typed.split())))
    if not 1 <= len(name) <= NAME_CHARS:
        raise TokenError(
            f"Expected the name of the program that will hold the token, 1 to {NAME_CHARS} "
            f"characters, found {len(name)}. Name it."
        )
    return name


def _scopes(named: list[str]) -> list[str]:
    unknown = [name for name in named if name not in set(Scope)]
    if unknown or not named:
        raise TokenError(
            f"Expected scopes out of {', '.join(Scope)}; found "
            f"{', '.join(map(repr, unknown)) or 'none'}. Name at least one of them."
        )
    return [scope.value for scope in Scope if scope in named]


def _end(days: int | None, now: datetime) -> datetime | None:
    if days is None:
        return None
    if not 1 <= days <= MAX_DAYS:
        raise TokenError(f"Expected 1 to {MAX_DAYS} days, found {days}. Correct it.")
    return now + timedelta(days=days)


def _created(session: Session, columns: dict[str, object]) -> Token:
    row = ApiTokenRow(**columns)
    taken = select(ApiTokenRow.id).where(
        ApiTokenRow.name == row.name,
        ApiTokenRow.revoked_at.is_(None),
        or_(ApiTokenRow.expires_at.is_(None), ApiTokenRow.expires_at > row.created_at),
    )
    if session.scalar(taken) is not None:
        # The audit names it: two that share a name could not be told apart.
        raise TokenError(
            f"Expected a name that no other token has, found {row.name!r}. Take another one, or "
            "revoke that token first."
        )
    session.add(row)
    session.flush()
    return Token.model_validate(row)


def _revoked(session: Session, token_id: int) -> Token:
    known = 0 < token_id < TOO_MANY
    row = session.get(ApiTokenRow, token_id, with_for_update=True) if known else None
    if row is None:
        raise TokenError(
            f"Expected the number of a token, found {token_id}, which none has. "
            "See `amends desk token list`."
        )
    row.revoked_at = row.revoked_at or datetime.now(UTC)
    return Token.model_validate(row)
