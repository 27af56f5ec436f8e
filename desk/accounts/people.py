"""The people who work at the desk, and who may."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from desk.accounts.agents import Account, Agent, Role
from desk.accounts.names import checked_login, checked_name, normal_login
from desk.accounts.refusals import AccountError
from desk.accounts.sessions import Clock, as_agent, end_sessions, utc_now
from desk.models import AgentRow, DeskSessionRow
from tickets.database import explained
from tickets.transactions import write

IDENTITY_CHARS = 500


class LastAdministratorError(AccountError):
    """Nobody would be left who could let people in."""

    def __init__(self) -> None:
        super().__init__(
            "This is the last administrator. Make somebody else one first, then repeat this."
        )


class People:
    """Accounts in the database of the tickets; may be shared by threads.

    Args:
        engine: The database.
        now: The clock.
    """

    def __init__(self, engine: Engine, now: Clock = utc_now) -> None:
        self._engine = engine
        self._now = now
        self._read = sessionmaker(engine)

    def all(self) -> tuple[Account, ...]:
        """Every account, the active ones first, by name.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        counts = select(DeskSessionRow.agent_id, func.count()).group_by(DeskSessionRow.agent_id)
        current = counts.where(DeskSessionRow.expires_at > self._now())
        rows = select(AgentRow).order_by(AgentRow.active.desc(), AgentRow.name, AgentRow.id)
        with explained(self._engine.url), self._read() as session:
            open_sessions = dict(session.execute(current).all())
            return tuple(
                _as_account(row, open_sessions.get(row.id, 0)) for row in session.scalars(rows)
            )

    def active(self) -> tuple[Agent, ...]:
        """Whoever a ticket can be assigned to, by name.

        Raises:
            TicketStoreError: the database cannot be read.
        """
        query = select(AgentRow).where(AgentRow.active.is_(True)).order_by(AgentRow.name)
        with explained(self._engine.url), self._read() as session:
            return tuple(map(as_agent, session.scalars(query)))

    def get(self, agent_id: int) -> Account:
        """One account.

        Raises:
            AccountError: there is none.
            TicketStoreError: the database cannot be read.
        """
        found = next((account for account in self.all() if account.agent.id == agent_id), None)
        if found is None:
            raise _nobody()
        return found

    def add(self, login: str, name: str, role: Role) -> Agent:
        """Make an account for somebody who signs in at the issuer of OpenID Connect.

        Args:
            login: Their e-mail address there.
            name: What shoppers read.
            role: What they may do.

        Raises:
            AccountError: login or name cannot be taken.
            TicketStoreError: nothing was written.
        """
        login, name = checked_login(login), checked_name(name)
        return write(
            self._engine,
            lambda session: as_agent(_flushed(session, login, name, role, self._now())),
        )

    def rename(self, agent_id: int, name: str) -> None:
        """Change what shoppers read.

        Raises:
            AccountError: the name cannot be taken, or there is no such account.
            TicketStoreError: nothing was written.
        """
        name = checked_name(name)
        self._change(agent_id, lambda _, row: setattr(row, "name", name))

    def set_role(self, agent_id: int, role: Role) -> None:
        """Change what somebody may do, from their next request on.

        Raises:
            LastAdministratorError: it is the last administrator.
            AccountError: there is no such account.
            TicketStoreError: nothing was written.
        """

        def changed(session: Session, row: AgentRow) -> None:
            if role is not Role.ADMINISTRATOR:
                _keep_an_administrator(session, row)
            row.role = role

        self._change(agent_id, changed)

    def deactivate(self, agent_id: int) -> None:
        """Keep somebody out from now on; every browser of theirs is put out.

        Raises:
            LastAdministratorError: it is the last administrator.
            AccountError: there is no such account.
            TicketStoreError: nothing was written.
        """

        def changed(session: Session, row: AgentRow) -> None:
            _keep_an_administrator(session, row)
            row.active = False
            end_sessions(session, row.id)

        self._change(agent_id, changed)

    def activate(self, agent_id: int) -> None:
        """Let somebody in again.

        Raises:
            AccountError: there is no such account.
            TicketStoreError: nothing was written.
        """
        self._change(agent_id, lambda _, row: setattr(row, "active", True))

    def recognise(self, issuer: str, subject: str, email: str | None) -> Agent | None:
        """Whose account somebody has who signed in at an issuer of OpenID Connect.

        Args:
            issuer: Its address.
            subject: What it calls the person, for good.
            email: Their address there, if the issuer made sure of it. An account with that login
                which nobody came with yet is theirs from now on.

        Returns:
            None when they have none that is active; no account is made.

        Raises:
            TicketStoreError: nothing was written.
        """
        identity = f"{issuer} {subject}"
        if len(identity) > IDENTITY_CHARS or not identity.isprintable():
            return None
        login = normal_login(email) if email else None
        return write(self._engine, lambda session: _recognised(session, identity, login))

    def _change(self, agent_id: int, change: Callable[[Session, AgentRow], None]) -> None:
        def changed(session: Session) -> None:
            # Before the row itself: two at once would otherwise wait for each other's.
            administrators(session)
            row = session.get(AgentRow, agent_id, with_for_update=True)
            if row is None:
                raise _nobody()
            change(session, row)

        write(self._engine, changed)


def administrators(session: Session) -> Sequence[int]:
    """Ids of the active administrators, whose rows stay locked until the transaction ends."""
    query = select(AgentRow).where(
        AgentRow.active.is_(True), AgentRow.role == str(Role.ADMINISTRATOR)
    )
    return [row.id for row in session.scalars(query.order_by(AgentRow.id).with_for_update())]


def new_agent(session: Session, login: str, name: str, role: Role, now: datetime) -> AgentRow:
    """Add an account, not flushed yet.

    Raises:
        AccountError: somebody has that login.
    """
    if session.scalar(select(AgentRow.id).where(AgentRow.login == login)) is not None:
        raise AccountError(f"The login {login} is taken. Choose another.")
    row = AgentRow(login=login, name=name, role=role, active=True, created_at=now)
    session.add(row)
    return row


def _flushed(session: Session, login: str, name: str, role: Role, now: datetime) -> AgentRow:
    row = new_agent(session, login, name, role, now)
    session.flush()
    return row


def _keep_an_administrator(session: Session, row: AgentRow) -> None:
    if administrators(session) == [row.id]:
        raise LastAdministratorError


def _recognised(session: Session, identity: str, login: str | None) -> Agent | None:
    active = select(AgentRow).where(AgentRow.active.is_(True)).with_for_update()
    known = session.scalar(active.where(AgentRow.identity == identity))
    if known is None and login is not None:
        known = session.scalar(active.where(AgentRow.login == login, AgentRow.identity.is_(None)))
    if known is None:
        return None
    known.identity = identity
    return as_agent(known)


def _as_account(row: AgentRow, sessions: int) -> Account:
    return Account(
        agent=as_agent(row),
        active=row.active,
        has_password=row.password_hash is not None,
        has_identity=row.identity is not None,
        sessions=sessions,
        created_at=row.created_at,
    )


def _nobody() -> AccountError:
    return AccountError("There is no such account. Load the page again.")
