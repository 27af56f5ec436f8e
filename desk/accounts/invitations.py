"""Links that let one person make an account, once."""

import secrets
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session, sessionmaker

from desk.accounts.agents import Agent, Role
from desk.accounts.people import administrators, new_agent
from desk.accounts.refusals import AccountError
from desk.accounts.sessions import Clock, as_agent, utc_now
from desk.models import InvitationRow
from tickets.database import explained
from tickets.transactions import write

LIFETIME = timedelta(hours=24)
SECRET_BYTES = 32


class BadInvitationError(AccountError):
    """The link was used, has expired, or never was one; does not say which."""

    def __init__(self) -> None:
        super().__init__(
            "This link has been used or has expired. Ask an administrator for a new one."
        )


class Invitations:
    """Invitations in the database of the tickets; may be shared by threads.

    Args:
        engine: The database.
        now: The clock.
    """

    def __init__(self, engine: Engine, now: Clock = utc_now) -> None:
        self._engine = engine
        self._now = now
        self._read = sessionmaker(engine)

    def invite(self, role: Role) -> str:
        """Make a link that is good for a day.

        Returns:
            Its secret, for `/welcome/SECRET`.

        Raises:
            TicketStoreError: nothing was written.
        """
        secret = secrets.token_urlsafe(SECRET_BYTES)
        write(self._engine, lambda session: self._invited(session, role, secret))
        return secret

    def first(self) -> str | None:
        """A link for the first administrator, in place of earlier ones; None when there is one.

        Raises:
            TicketStoreError: nothing was written.
        """
        secret = secrets.token_urlsafe(SECRET_BYTES)
        return write(self._engine, lambda session: self._first(session, secret))

    def role(self, secret: str) -> Role:
        """What an open link makes of somebody.

        Raises:
            BadInvitationError: it is none that can be used.
            TicketStoreError: the database cannot be read.
        """
        with explained(self._engine.url), self._read() as session:
            return Role(self._open(session, secret).role)

    def accept(self, secret: str, login: str, name: str, password_hash: str) -> Agent:
        """Make the account of whoever has the link.

        Args:
            secret: Of the link.
            login: What they will sign in with, as it is stored.
            name: What shoppers will read.
            password_hash: Of their password.

        Raises:
            BadInvitationError: it is none that can be used.
            AccountError: somebody else has that login; the link stays good.
            TicketStoreError: nothing was written.
        """

        def accepted(session: Session) -> Agent:
            row = self._open(session, secret)
            row.used_at = self._now()
            agent = new_agent(session, login, name, Role(row.role), self._now())
            agent.password_hash = password_hash
            session.flush()
            return as_agent(agent)

        return write(self._engine, accepted)

    def _open(self, session: Session, secret: str) -> InvitationRow:
        # Locked, so that of two who use it at once one is refused.
        query = select(InvitationRow).with_for_update()
        row = session.scalar(query.where(InvitationRow.token_hash == _digest(secret)))
        if row is None or row.used_at is not None or row.expires_at <= self._now():
            raise BadInvitationError
        return row

    def _first(self, session: Session, secret: str) -> str | None:
        if administrators(session):
            return None
        unused = delete(InvitationRow).where(InvitationRow.used_at.is_(None))
        session.execute(unused.where(InvitationRow.role == Role.ADMINISTRATOR))
        self._invited(session, Role.ADMINISTRATOR, secret)
        return secret

    def _invited(self, session: Session, role: Role, secret: str) -> None:
        now = self._now()
        session.execute(delete(InvitationRow).where(InvitationRow.expires_at <= now))
        session.add(
            InvitationRow(
                token_hash=_digest(secret),
                role=role,
                created_at=now,
                expires_at=now + LIFETIME,
                used_at=None,
            )
        )


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
