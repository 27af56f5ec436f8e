"""Rasa's record of a conversation: read, added to, and known to be up or down."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    BotUttered,
    ConversationPaused,
    Event,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.web_channel.kept import Deliver, Item

T = TypeVar("T")

LIMIT_S = 2.0
TALKING_SLOT = "talking"
"""Who talked at the latest message, as the action server found it in the ticket store."""
THREADS = 8
_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


class TrackersDownError(Exception):
    """The tracker database did not answer."""


class TrackersLateError(TrackersDownError):
    """The tracker database did not answer in time."""


class GuardedStore(TrackerStore):
    """The tracker store that Rasa was configured with; its errors are errors, and come in time.

    Rasa wraps its store so that an error means an empty conversation in memory: the bot would
    talk into one that a person has taken over. And it asks the database from the one event loop
    that everybody's messages run on: here a thread does.
    """

    def __init__(self, inner: TrackerStore, limit_s: float = LIMIT_S) -> None:
        """Guard `inner`; each question to the database may take `limit_s` seconds."""
        super().__init__(inner.domain, inner.event_broker)
        # The broker belongs to the event loop, so that this store streams and the inner does not.
        inner.event_broker = None
        self._inner = inner
        self._limit_s = limit_s
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="trackers")
        self._saving: dict[str, Future[None]] = {}

    @property
    def domain(self) -> Domain:
        """The domain of the model; Rasa sets it when it loads one."""
        return self._inner.domain

    @domain.setter
    def domain(self, domain: Domain) -> None:
        self._inner.domain = domain

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The latest session of a conversation; None for a stranger.

        Raises:
            TrackersDownError: the database did not answer.
        """
        return await self._read(sender_id, lambda: self._inner.retrieve(sender_id))

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """All sessions of a conversation; None for a stranger.

        Raises:
            TrackersDownError: the database did not answer.
        """
        full = self._inner.retrieve_full_tracker
        return await self._read(conversation_id, lambda: full(conversation_id))

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Add what is new in this session.

        Raises:
            TrackersDownError: nothing is known to be saved.
        """
        await self.stream_events(tracker)
        saving = self._submit(lambda: self._inner.save(tracker))
        self._saving[tracker.sender_id] = saving
        saving.add_done_callback(lambda _: self._saved(tracker.sender_id, saving))
        await self._wait(saving)

    async def keys(self) -> Iterable[str]:
        """Every conversation's name.

        Raises:
            TrackersDownError: the database did not answer.
        """
        return await self._wait(self._submit(self._inner.keys))

    async def ask(self, sender: str, question: Callable[[TrackerStore], T]) -> T:
        """Do something with the guarded store that Rasa has no word for, in a thread.

        Args:
            sender: whose conversation it is about; what is being saved of it is waited for.
            question: gets the store; done a second time when it fails, so it must not mind that.

        Raises:
            TrackersDownError: the database did not answer.
        """

        async def asked() -> T:
            return question(self._inner)

        return await self._read(sender, asked)

    async def _read(
        self, sender: str, question: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:  # fmt: skip
        saving = self._saving.get(sender)
        if saving is not None:
            # It may still be written although nobody waits for it any more.
            await self._wait(saving)
        try:
            return await self._wait(self._submit(question))
        except TrackersLateError:
            raise
        except TrackersDownError:
            # A connection that idled through a restart of the database fails once.
            return await self._wait(self._submit(question))

    def _submit(self, question: Callable[[], Coroutine[Any, Any, T]]) -> "Future[T]":
        return self._threads.submit(lambda: asyncio.run(question()))

    async def _wait(self, future: "Future[T]") -> T:
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._limit_s)
        except asyncio.TimeoutError:  # noqa: UP041 - Python 3.10
            raise TrackersLateError(
                f"tracker database: expected an answer in {self._limit_s:g} s, found none"
            ) from None
        except Exception as error:  # noqa: BLE001 - each kind of store has errors of its own
            # The class alone: a database's message repeats what it was given to store.
            raise TrackersDownError(f"tracker database: {type(error).__name__}") from None

    def _saved(self, sender: str, saving: "Future[None]") -> None:
        if self._saving.get(sender) is saving:
            del self._saving[sender]


def guard(agent: Agent) -> None:
    """Put a `GuardedStore` in place of the agent's tracker store, if it is not there yet."""
    store = agent.tracker_store
    if not isinstance(store, GuardedStore):
        inner = store._tracker_store if isinstance(store, FailSafeTrackerStore) else store
        store = GuardedStore(inner)
    agent.tracker_store = store
    if agent.processor is not None:
        agent.processor.tracker_store = store


def lock(sender: str) -> asyncio.Lock:
    """Held by whoever reads and writes this conversation.

    Rasa's own lock is polled once a second; with this one taken first, nobody waits for that.
    """
    found = _locks.get(sender)
    if found is None:
        found = _locks[sender] = asyncio.Lock()
    return found


@asynccontextmanager
async def _lock_in_time(sender: str) -> AsyncIterator[None]:
    held = lock(sender)
    try:
        await asyncio.wait_for(held.acquire(), LIMIT_S)
    except asyncio.TimeoutError:  # noqa: UP041 - Python 3.10
        raise TrackersLateError("conversation: expected its turn to end, found it busy") from None
    try:
        yield
    finally:
        held.release()


async def append(agent: Agent, sender: str, events: Sequence[Event]) -> None:
    """Add events to a conversation, in turn with whatever else writes to it.

    Raises:
        TrackersDownError: nothing was added that we know of.
    """
    async with _lock_in_time(sender):
        await record(agent, sender, events)


async def record(agent: Agent, sender: str, events: Sequence[Event]) -> None:
    """Add events to a conversation whose lock the caller holds.

    Raises:
        TrackersDownError: nothing was added that we know of.
    """
    guard(agent)
    tracker = await agent.processor.fetch_tracker_with_initial_session(sender)
    if tracker.is_paused():
        events = [event for event in events if not isinstance(event, ConversationPaused)]
    tracker.update_with_events(list(events), agent.domain)
    await agent.tracker_store.save(tracker)


async def add_missing(agent: Agent, sender: str, events: Sequence[Event]) -> None:
    """Add those messages that the conversation lacks; nothing where it has them all.

    What was under way when the database failed may have arrived or not.

    Raises:
        TrackersDownError: nothing was added that we know of.
    """
    async with _lock_in_time(sender):
        known = {id_of(event) for event in await events_of(agent, sender)} - {None}
        missing = [event for event in events if id_of(event) not in known]
        if any(id_of(event) is not None for event in missing):
            await record(agent, sender, missing)


async def events_of(agent: Agent, sender: str) -> list[Event]:
    """Every event of all sessions, oldest first; none for a stranger.

    Raises:
        TrackersDownError: the database did not answer.
    """
    guard(agent)
    tracker = await agent.tracker_store.retrieve_full_tracker(sender)
    return list(tracker.events) if tracker is not None else []


async def has_message(agent: Agent, sender: str, message_id: str) -> bool:
    """Whether a message with this id is in the conversation, in any session, whoever said it.

    Raises:
        TrackersDownError: the database did not answer.
    """
    return any(id_of(event) == message_id for event in await events_of(agent, sender))


async def is_paused(agent: Agent, sender: str) -> bool:
    """Whether the latest session says that a person talks or is waited for.

    Raises:
        TrackersDownError: the database did not answer.
    """
    guard(agent)
    tracker = await agent.tracker_store.retrieve(sender)
    if tracker is None:
        return False
    return tracker.is_paused() or tracker.get_slot(TALKING_SLOT) in ("waiting", "agent")


def id_of(event: Event) -> str | None:
    """The id of a message, as the browser knows it; None for other events."""
    if isinstance(event, UserUttered):
        return event.message_id
    return event.metadata.get("id") if isinstance(event, BotUttered) else None


def delivery(agent: Callable[[], Agent]) -> Deliver:
    """Gives what was kept for the tracker, once."""

    async def deliver(item: Item) -> None:
        # Dated when they are written down: a session is read by time, and it may be a new one.
        undated = [{**event, "timestamp": None} for event in item.body["events"]]
        await add_missing(agent(), item.conversation, deserialise_events(undated))

    return deliver
