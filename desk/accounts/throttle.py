"""Wrong passwords slow down the next try."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil

from sqlalchemy import ColumnElement, Engine, delete, func, select
from sqlalchemy.orm import Session

from desk.accounts.refusals import TooManyTriesError
from desk.accounts.sessions import Clock, utc_now
from desk.models import FailedSignInRow
from tickets.transactions import write

WINDOW = timedelta(hours=1)
ADDRESS_CHARS = 64
IPV6_PREFIX = 64


@dataclass(frozen=True)
class Slope:
    """How the wait grows.

    Attributes:
        free: So many wrong passwords cost nothing; each one more doubles the wait, from 1 s.
        longest: The wait grows no further.
    """

    free: int
    longest: timedelta

    def wait(self, wrong: int) -> timedelta:
        """The wait after so many wrong passwords."""
        if wrong < self.free:
            return timedelta(0)
        return min(timedelta(seconds=2 ** min(wrong - self.free, 20)), self.longest)


PAIR = Slope(free=3, longest=timedelta(minutes=15))
"""One login from one address: somebody who guesses, or who forgot."""
ADDRESS = Slope(free=20, longest=timedelta(minutes=1))
"""Any login from one address: a whole office may sit behind it."""
LOGIN = Slope(free=10, longest=timedelta(seconds=5))
"""One login from any address. Short: whoever guesses from elsewhere must not keep its owner out."""


class Throttle:
    """Counts wrong passwords in the database, for every process of the desk.

    Args:
        engine: The database.
        now: The clock.
    """

    def __init__(self, engine: Engine, now: Clock = utc_now) -> None:
        self._engine = engine
        self._now = now

    def begin(self, login: str, address: str) -> None:
        """Count a try as wrong before its password is looked at, so that tries at once count too.

        Args:
            login: As it is stored; whatever was typed if nobody can have it.
            address: Where the request comes from.

        Raises:
            TooManyTriesError: it comes too soon; it is not counted then.
            TicketStoreError: the database cannot be written.
        """
        row = {"login": _digest(login), "address": _network(address)}
        write(self._engine, lambda session: self._counted(session, **row))

    def forgive(self, login: str, address: str) -> None:
        """Forget the wrong tries of one login from one address, because the last was right.

        Raises:
            TicketStoreError: the database cannot be written.
        """
        query = delete(FailedSignInRow).where(
            FailedSignInRow.login == _digest(login), FailedSignInRow.address == _network(address)
        )
        write(self._engine, lambda session: session.execute(query))

    def _counted(self, session: Session, login: str, address: str) -> None:
        now = self._now()
        session.execute(delete(FailedSignInRow).where(FailedSignInRow.created_at <= now - WINDOW))
        same_login = FailedSignInRow.login == login
        same_address = FailedSignInRow.address == address
        end = max(
            _end(session, PAIR, same_login & same_address),
            _end(session, ADDRESS, same_address),
            _end(session, LOGIN, same_login),
        )
        if end > now.timestamp():
            raise TooManyTriesError(ceil(end - now.timestamp()))
        session.add(FailedSignInRow(login=login, address=address, created_at=now))


def _end(session: Session, slope: Slope, which: ColumnElement[bool]) -> float:
    """When the next try may come, in seconds since 1970."""
    query = select(func.count(), func.max(FailedSignInRow.created_at)).where(which)
    wrong, last = session.execute(query).one()
    return (last + slope.wait(wrong)).timestamp() if isinstance(last, datetime) else 0.0


def _digest(login: str) -> str:
    # People type passwords into the wrong field: what they typed is not kept.
    return sha256(login.encode()).hexdigest()


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:ADDRESS_CHARS]
    # One machine has as many IPv6 addresses as it likes, all in one network.
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Address(int(parsed) >> IPV6_PREFIX << IPV6_PREFIX))
    return str(parsed)
