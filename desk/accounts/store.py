"""Accounts of the people at the desk."""

from sqlalchemy import Engine

from desk.accounts.sessions import Clock, Sessions, utc_now


class Accounts:
    """Accounts in the database of the tickets; may be shared by threads.

    Attributes:
        sessions: Browsers that are signed in.
    """

    def __init__(self, engine: Engine, now: Clock = utc_now) -> None:
        self._engine = engine
        self._now = now
        self.sessions = Sessions(engine, now)
