"""All that a round needs: the parts, the people, and what is on record."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from angry_shopper import REFERENCE, RestShopper, Said, WebShopper
from desk_agent import DeskAgent
from helpdesk import Helpdesk
from ledger import Books, Findings, Shopper, examine, examine_stay, overtaken
from live_parts import LiveParts
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

SETTLED_S = 60.0
WORDS_S = 25.0
STEP_S = 0.2
SWEEP_S = 0.6
TURNS_SWEPT = 1.5
PERSON_S = 120.0
COMMITTED = text("SELECT count(*) FROM ticket_messages")

COMPLAINTS = (
    "This is the worst shop ever, I am furious and I want my money back NOW!!!",
    "My lamp arrived broken AGAIN. I hate this, it is a disgrace!!!",
    "You charged my card twice, this is theft! I am so angry!!!",
    "I want to talk to a person, please. This is unbelievable!!!",
)


@dataclass
class Stay:
    """What an agent did in a chat."""

    stays: int = 0
    replies: list[str] = field(default_factory=list)


class Stage:
    """One running Amends with everybody around it."""

    def __init__(self, parts: LiveParts, helpdesk: Helpdesk) -> None:
        self.parts, self.helpdesk = parts, helpdesk
        self.agent = DeskAgent(parts.settings)
        self.shoppers: list[Shopper] = []
        self.stays: dict[str, Stay] = {}
        self._turn_s = 0.0
        self._engine = create_engine(parts.settings.ticket_database_url, poolclass=NullPool)

    def books(self) -> Books:
        """What is on record now."""
        return Books.read(self._engine)

    async def web(self, count: int) -> list[WebShopper]:
        """Shoppers who open the chat."""
        opened = [await WebShopper(self.parts.settings).open() for _ in range(count)]
        self.shoppers += opened
        return opened

    def rest(self) -> RestShopper:
        """A shopper behind the REST channel."""
        one = RestShopper(self.parts.settings)
        self.shoppers.append(one)
        return one

    async def waiting(self, shoppers: Sequence[Shopper]) -> list[str]:
        """Have them complain until each has a case; the references."""
        return list(await asyncio.gather(*map(self._until_waiting, shoppers)))

    async def kill_amid(
        self,
        deeds: Sequence[Callable[[], Awaitable[object]]],
        kill: Callable[[], object],
        *,
        at_once: bool = False,
    ) -> None:
        """Begin the deeds one after another and kill when the last is new.

        The first is 0.6 s old then, and older where a turn takes longer on this machine: so that
        the kill strikes at every point from the message's arrival to the answer's. With `at_once`
        the kill knows its moment itself, and all deeds begin together.
        """
        gap = max(SWEEP_S, TURNS_SWEPT * self._turn_s) / max(1, len(deeds) - 1)
        gap *= not at_once
        tasks = []
        for number, deed in enumerate(deeds):
            tasks.append(asyncio.create_task(_awaited(deed)))
            if number < len(deeds) - 1:
                await asyncio.sleep(gap * random.uniform(0.8, 1.2))
        await asyncio.sleep(0 if at_once else random.uniform(0, 0.05))
        await asyncio.to_thread(kill)
        self._begun = tasks

    def kill_at_commit(self, part: str) -> None:
        """Kill as soon as one more message is committed to a ticket; nobody has answered yet."""
        end = time.monotonic() + SETTLED_S
        with self._engine.connect() as database:
            before = _committed(database)
            while _committed(database) == before:
                assert time.monotonic() < end, f"nothing was committed within {SETTLED_S:g} s"
                time.sleep(0.001)
        self.parts.kill(part)

    async def finish(self) -> None:
        """Wait for the deeds that `kill_amid` began, and until every shopper is at rest."""
        await asyncio.gather(*self._begun)
        end = time.monotonic() + SETTLED_S
        while (restless := self._restless()) and time.monotonic() < end:
            await asyncio.sleep(STEP_S)
        assert not restless, f"not at rest within {SETTLED_S:g} s: {restless}"

    async def comes(self, reference: str, shopper: WebShopper) -> None:
        """The agent comes into the chat."""
        self.stays.setdefault(shopper.sender, Stay()).stays += 1
        await self.agent.claim(reference)

    async def replies(self, reference: str, shopper: WebShopper, words: str) -> None:
        """The agent says something."""
        self.stays[shopper.sender].replies.append(words)
        await self.agent.reply(reference, words)

    def examined(self, shoppers: Sequence[Shopper], *, ended: bool = False) -> Findings:
        """What is found of these shoppers."""
        books = self.books()
        found = examine(books, shoppers)
        for shopper in shoppers:
            stay = self.stays.get(shopper.sender)
            if stay is not None and isinstance(shopper, WebShopper):
                late = overtaken(books, shopper.sender)
                found += examine_stay(
                    shopper, stay.replies, stay.stays, ended=ended, overtaken=late
                )
        return found

    async def close(self) -> None:
        """Close every tab."""
        await asyncio.gather(*(one.close() for one in self.shoppers if isinstance(one, WebShopper)))

    async def _until_waiting(self, shopper: Shopper) -> str:
        end = time.monotonic() + PERSON_S
        while True:
            said = await shopper.says(random.choice(COMPLAINTS))
            while not self._rests(shopper, said, self.books()):
                await asyncio.sleep(STEP_S)
            for one in said.words:
                if found := REFERENCE.search(one["text"]):
                    self._turn_s = time.monotonic() - said.began
                    return found[0]
            assert time.monotonic() < end, f"no case within {PERSON_S:g} s: {said}"
            # As the words ask for: again, a little later.
            await asyncio.sleep(1)

    def _restless(self) -> list[str]:
        try:
            books = self.books()
        except OperationalError:
            return ["the database"]
        return [
            f"{shopper.sender}: {shopper.said[-1]}"
            for shopper in self.shoppers
            if shopper.said and not self._rests(shopper, shopper.said[-1], books)
        ]

    def _rests(self, shopper: Shopper, said: Said, books: Books) -> bool:
        if isinstance(shopper, WebShopper) and not shopper.is_connected():
            return False
        if said.words or said.error or said.to != "bot":
            return bool(said.words or said.error) or books.has(shopper, said)
        return time.monotonic() > said.began + WORDS_S and books.has(shopper, said)


def _committed(database: Connection) -> int:
    count = int(database.scalar(COMMITTED) or 0)
    database.rollback()
    return count


async def _awaited(deed: Callable[[], Awaitable[object]]) -> None:
    await deed()
