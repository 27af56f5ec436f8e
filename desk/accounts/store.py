"""Accounts of the people at the desk."""

from hashlib import sha256

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session, sessionmaker

from desk.accounts.agents import Agent
from desk.accounts.invitations import Invitations
from desk.accounts.names import checked_login, checked_name, checked_password, normal_login
from desk.accounts.passwords import Passwords
from desk.accounts.people import People
from desk.accounts.refusals import AccountError, WrongPasswordError
from desk.accounts.sessions import Clock, Sessions, as_agent, end_sessions, utc_now
from desk.accounts.throttle import Throttle
from desk.models import AgentRow
from tickets.database import explained
from tickets.transactions import write

NOBODY = "?"
"""In place of a login that nobody can have; tries with such are counted together."""


class Accounts:
    """Accounts in the database of the tickets; may be shared by threads.

    Args:
        engine: The database.
        now: The clock.
        passwords: How they are hashed.

    Attributes:
        people: Who may sit at the desk.
        sessions: Browsers that are signed in.
        invitations: Links that let people make accounts.
        throttle: Counts wrong passwords.
    """

    def __init__(
        self, engine: Engine, now: Clock = utc_now, passwords: Passwords | None = None
    ) -> None:
        self._engine = engine
        self._read = sessionmaker(engine)
        self._passwords = passwords or Passwords()
        self.people = People(engine, now)
        self.sessions = Sessions(engine, now)
        self.invitations = Invitations(engine, now)
        self.throttle = Throttle(engine, now)

    def sign_in(self, login: str, password: str, address: str) -> Agent:
        """Whose login and password these are.

        Args:
            login: As somebody typed it.
            password: As somebody typed it.
            address: Where the request comes from.

        Raises:
            WrongPasswordError: nobody's who is active; takes equally long for unknown logins.
            TooManyTriesError: after too many wrong ones.
            TicketStoreError: the database cannot be read or written.
        """
        known = normal_login(login)
        self.throttle.begin(known or NOBODY, address)
        agent = self._verified(known, password)
        self.throttle.forgive(agent.login, address)
        return agent

    def welcome(self, invitation: str, login: str, name: str, password: str) -> Agent:
        """Make an account by an invitation.

        Raises:
            BadInvitationError: the link cannot be used any more.
            AccountError: login, name or password cannot be taken; the link stays good.
            TicketStoreError: nothing was written.
        """
        self.invitations.role(invitation)  # before the work of hashing
        login, name = checked_login(login), checked_name(name)
        password_hash = self._passwords.hash(checked_password(password, login))
        return self.invitations.accept(invitation, login, name, password_hash)

    def change_password(
        self, agent: Agent, old: str, new: str, address: str, session_id: str
    ) -> None:
        """Give somebody who knows their password another one; ends their other sessions.

        Raises:
            WrongPasswordError: the old one is wrong, or they have none.
            TooManyTriesError: after too many wrong ones.
            AccountError: the new one cannot be taken.
            TicketStoreError: nothing was written.
        """
        checked_password(new, agent.login)
        self.sign_in(agent.login, old, address)
        password_hash = self._passwords.hash(new)

        def changed(session: Session) -> None:
            _store_hash(session, agent.id, password_hash)
            end_sessions(session, agent.id, but=session_id)

        write(self._engine, changed)

    def password_state(self, agent_id: int) -> str:
        """Names the password that somebody has now, without giving it away.

        Raises:
            AccountError: they have none here, or may not sign in.
            TicketStoreError: the database cannot be read.
        """
        query = select(AgentRow.password_hash).where(
            AgentRow.id == agent_id, AgentRow.active.is_(True)
        )
        with explained(self._engine.url), self._read() as session:
            stored = session.scalar(query)
        if stored is None:
            raise AccountError("They have no password here, or may not sign in.")
        return sha256(stored.encode()).hexdigest()

    def reset_password(self, agent_id: int, state: str, new: str) -> None:
        """Give somebody another password, unless it was changed since; ends all their sessions.

        Args:
            agent_id: Who.
            state: Names the password that they lost.
            new: The new one.

        Raises:
            WrongPasswordError: it has been changed meanwhile.
            AccountError: they may not sign in, or the new one cannot be taken.
            TicketStoreError: nothing was written.
        """
        checked_password(new, self.people.get(agent_id).agent.login)
        password_hash = self._passwords.hash(new)

        def changed(session: Session) -> None:
            row = session.get(AgentRow, agent_id, with_for_update=True)
            stored = row.password_hash if row and row.active else None
            if row is None or stored is None or sha256(stored.encode()).hexdigest() != state:
                raise WrongPasswordError
            row.password_hash = password_hash
            end_sessions(session, agent_id)

        write(self._engine, changed)

    def _verified(self, login: str | None, password: str) -> Agent:
        query = select(AgentRow).where(AgentRow.login == login, AgentRow.active.is_(True))
        with explained(self._engine.url), self._read() as session:
            row = session.scalar(query)
            agent, stored = (as_agent(row), row.password_hash) if row else (None, None)
        if not self._passwords.match(stored, password) or agent is None or stored is None:
            raise WrongPasswordError
        if self._passwords.is_outdated(stored):
            fresh = self._passwords.hash(password)
            write(self._engine, lambda session: _store_hash(session, agent.id, fresh, stored))
        return agent


def _store_hash(
    session: Session, agent_id: int, password_hash: str, instead_of: str | None = None
) -> None:
    query = update(AgentRow).where(AgentRow.id == agent_id)
    if instead_of is not None:  # or a password that was changed meanwhile would come back
        query = query.where(AgentRow.password_hash == instead_of)
    session.execute(query.values(password_hash=password_hash))
