"""Who talks with a shopper, the bot or a person, or who they wait for: the ticket store says."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

logger = logging.getLogger(__name__)

LIMIT_S = 1.0
THREADS = 4
REMEMBERED = 10_000
QUESTION = text("SELECT talking, agent FROM conversations WHERE conversation_id = :sender")


@dataclass(frozen=True)
class Owner:
    """Who talks.

    Attributes:
        who: the bot, an agent, or nobody yet: the shopper waits for one, and the bot is silent.
        name: of the agent, as shoppers read it; None for others.
    """

    who: Literal["bot", "waiting", "agent"]
    name: str | None = None


BOT, WAITING = Owner("bot"), Owner("waiting")


class Talking:
    """Reads the table `conversations` of the ticket store.

    When the store cannot be read, what was known last holds; where nothing is known, a pause in
    Rasa's own record means a person.
    """

    def __init__(
        self, url: str, paused: Callable[[str], Awaitable[bool]], limit_s: float = LIMIT_S
    ) -> None:
        """Read the store at the SQLAlchemy URL; `paused` asks Rasa's record.

        Args:
            url: of the ticket store, as `AMENDS_TICKETS_URL` says.
            paused: whether Rasa's record of a conversation is paused; what it raises, `who` does.
            limit_s: seconds after which the store counts as not to be read.
        """
        self._engine = _engine(url, limit_s)
        self._paused = paused
        self._limit_s = limit_s
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="talking")
        self._known: OrderedDict[str, Owner] = OrderedDict()

    async def who(self, sender: str) -> Owner:
        """Who talks with this shopper now.

        Raises:
            TrackersDownError: the store cannot be read, nothing is known, and neither can Rasa's
                record.
        """
        before = self.last_known(sender)
        reading = asyncio.get_running_loop().run_in_executor(self._threads, self._read, sender)
        try:
            owner = await asyncio.wait_for(reading, self._limit_s)
        except (SQLAlchemyError, asyncio.TimeoutError) as error:  # noqa: UP041 - Python 3.10
            logger.warning("ticket store cannot be read (%s)", type(error).__name__)
            return await self._without_store(sender)
        known = self.last_known(sender)
        if known is not None and known is not before:
            # Pushed while the store was read, perhaps before the push's own commit.
            return known
        self.learn(sender, owner)
        return owner

    def learn(self, sender: str, owner: Owner) -> None:
        """Know it before the store is asked again; said by a push of the app."""
        self._known[sender] = owner
        self._known.move_to_end(sender)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def last_known(self, sender: str) -> Owner | None:
        """What was read or said last; None when nothing was."""
        return self._known.get(sender)

    async def _without_store(self, sender: str) -> Owner:
        known = self.last_known(sender)
        if known is not None:
            return known
        return Owner("agent") if await self._paused(sender) else BOT

    def _read(self, sender: str) -> Owner:
        with self._engine.connect() as connection:
            row = connection.execute(QUESTION, {"sender": sender}).first()
        if row is not None and row.talking == "agent":
            return Owner("agent", row.agent)
        return WAITING if row is not None and row.talking == "waiting" else BOT


def _engine(url: str, limit_s: float) -> Engine:
    parsed = make_url(url)
    connect: dict[str, Any] = {"timeout": limit_s}
    if parsed.get_backend_name() == "postgresql":
        # The app's driver is another one; this is the one in Rasa's environment.
        parsed = parsed.set(drivername="postgresql+psycopg2")
        connect = {"connect_timeout": max(2, round(limit_s))}
        return create_engine(parsed, connect_args=connect, pool_size=THREADS, pool_pre_ping=True)
    return create_engine(parsed, connect_args=connect, poolclass=NullPool)
