"""Speaks the scripted conversations through the web channel's socket, several at once."""

import asyncio
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from bench_dialogue_claims import Seen
from bench_dialogue_judge import Judge, Spoken, Verdict
from bench_dialogue_orders import Orders, Owned
from bench_dialogue_scripts import PLACEHOLDER, GoOn, Script
from bench_dialogue_tweets import Tweets
from bench_servers import BenchError, Servers
from bench_shopper import Shopper, Turn
from sqlalchemy import Engine, select

from tickets.database import open_engine
from tickets.models import ConversationMessageRow, TicketRow

AT_ONCE = 3
KEEP_S = 5.0
STEP_S = 0.1
PASTED = "2026-03-{:02} 10:{:02} stock list, shelf {}: 3 mugs, 2 boards, 1 carafe"
PRESSED = re.compile(r"^(yes\b|1\. )", re.IGNORECASE)
"""Buttons that a shopper presses who goes on: to agree, and the first article of several."""
ANSWERS = {
    r"\bhow many\b": "2",
    r"\bstreet\b": "Lindenweg 7, 10115 Berlin",
    r"\bpostcode\b": "10115",
    r"\b(city|town)\b": "Berlin",
    r"\b(reason|why|what is wrong)\b": "it is too big for my kitchen",
    r"\border number\b|\bnumber of your order\b|\bits number\b": "{number}",
    r"\be-?mail\b": "{email}",
    r"\b(which|what) (article|item|one|of)|\barticles\b": "{article}",
    r"\b(sure|correct|right|confirm|go ahead|yes)\b": "yes",
}
"""What a shopper answers where a script goes on by itself; the first that matches the question."""


@dataclass(frozen=True)
class Planned:
    """A script with other people's messages and orders in it."""

    script: Script
    says: tuple[str | GoOn, ...]
    goes_on: tuple[str, ...]
    owned: Owned | None
    facts: dict[str, str]

    @property
    def never(self) -> list[str]:
        """Patterns of words that must not be said, with what is known of the order filled in."""
        known = {name: re.escape(value) for name, value in self.facts.items()}
        return [_filled(pattern, known) for pattern in self.script.never]


class Stage:
    """Where conversations are spoken and looked at.

    Args:
        servers: A running Amends.
        orders: The shop's, as its database has them.
        judge: Says what each came to.
        transcripts: A folder for what was said; None for none.
    """

    def __init__(
        self, servers: Servers, orders: Orders, judge: Judge, transcripts: Path | None = None
    ) -> None:
        self._transcripts = transcripts
        self._servers = servers
        self._orders = orders
        self._judge = judge
        self._tickets: Engine = open_engine(servers.settings.ticket_database_url)

    def plan(self, scripts: Sequence[Script], tweets: Tweets) -> list[Planned]:
        """Give each script its orders and messages; the same for the same seed."""
        return [_planned(script, tweets, self._orders) for script in scripts]

    async def speak(self, planned: Sequence[Planned]) -> list[Verdict]:
        """Speak all of them, a few at once."""
        gate, done = asyncio.Semaphore(AT_ONCE), 0

        async def one(plan: Planned) -> Verdict:
            nonlocal done
            async with gate:
                spoken = await self._turns(plan)
            done += 1
            sys.stderr.write(f"\r{done} of {len(planned)} conversations")
            if self._transcripts is not None:
                file = self._transcripts / f"{plan.script.name}-{done}.txt"
                file.write_text(transcript(plan, spoken), encoding="utf-8")
            return self._judge.verdict(plan.script, spoken, plan.never)

        verdicts = await asyncio.gather(*map(one, planned))
        sys.stderr.write("\n")
        return verdicts

    async def _turns(self, plan: Planned) -> list[Spoken]:
        spoken: list[Spoken] = []
        async with Shopper(self._servers) as shopper:
            for text in self._texts(plan, spoken):
                spoken.append(await self._turn(shopper, plan, text))
        return spoken

    def _texts(self, plan: Planned, spoken: Sequence[Spoken]) -> Iterator[str]:
        """What the shopper says next, by what was spoken by then."""
        for says in plan.says:
            yield from [says] if isinstance(says, str) else self._answers(says, plan, spoken)
        yield from takewhile(lambda _: not spoken[-1].seen.cases, plan.goes_on)

    def _answers(self, says: GoOn, plan: Planned, spoken: Sequence[Spoken]) -> Iterator[str]:
        for _ in range(says.most):
            text = answer(says, spoken[-1].turn, plan.facts)
            if text is None or self._is_over(plan, spoken):
                return
            yield text

    def _is_over(self, plan: Planned, spoken: Sequence[Spoken]) -> bool:
        solved = self._judge.solved(plan.script.solved, spoken)
        return solved is not None or spoken[-1].turn.waits

    async def _turn(self, shopper: Shopper, plan: Planned, text: str) -> Spoken:
        turn = await shopper.turn(text)
        return Spoken(text, turn, await asyncio.to_thread(self._seen, shopper.sender, turn, plan))

    def _seen(self, sender: str, turn: Turn, plan: Planned) -> Seen:
        kept = not turn.waits or self._is_kept(sender, turn.id)
        with self._tickets.connect() as database:
            own = TicketRow.conversation_id == sender
            cases = database.scalars(select(TicketRow.reference).where(own)).all()
        if plan.owned is None:
            return Seen(cases, kept=kept)
        return Seen(cases, self._orders.now(plan.owned), self._orders.done(plan.owned), kept)

    def _is_kept(self, sender: str, message_id: str) -> bool:
        """Whether the ticket store has a message within the time that the channel takes for it."""
        row = ConversationMessageRow
        query = select(row.id).where(row.conversation_id == sender, row.message_id == message_id)
        end = time.monotonic() + KEEP_S
        while time.monotonic() < end:
            with self._tickets.connect() as database:
                if database.scalar(query) is not None:
                    return True
            time.sleep(STEP_S)
        return False


def transcript(plan: Planned, spoken: Sequence[Spoken]) -> str:
    """What was said, with the placeholder in place of other people's words."""
    drawn = {
        filled: says
        for says, filled in zip(
            (*plan.script.says, *plan.script.goes_on), (*plan.says, *plan.goes_on), strict=True
        )
        if isinstance(says, str) and "{tweet" in says
    }
    lines = []
    for number, one in enumerate(spoken, 1):
        lines.append(f"{number}. shopper: {drawn.get(one.text, one.text)}")
        lines += [f"   bot: {text}" for text in one.turn.said]
        lines += [f"   notice: {text}" for text in one.turn.notices]
        lines += [f"   buttons: {' | '.join(one.turn.titles)}"] * bool(one.turn.titles)
        lines += [f"   cases: {', '.join(one.seen.cases)}"] * bool(one.seen.cases)
    return "\n".join(lines) + "\n"


def answer(says: GoOn, turn: Turn, facts: dict[str, str]) -> str | None:
    """What the shopper says to the latest words; None where nothing is asked, or for a person."""
    said = " ".join(turn.said)
    # What is asked goes before what is said on the way to it.
    asked = " ".join(re.findall(r"[^.!?]*\?", said))
    if re.search(r"\b(a person|colleague)\b", asked):
        return None
    pressed = next((title for title in turn.titles if PRESSED.match(title)), None)
    if pressed is not None:
        return pressed
    for words in (asked, said):
        for pattern, text in {**says.answers, **ANSWERS}.items():
            if re.search(pattern, words, re.IGNORECASE):
                return _filled(text, facts)
    return None


def _planned(script: Script, tweets: Tweets, orders: Orders) -> Planned:
    owned = orders.take(script.order) if script.order is not None else None
    facts = {} if owned is None else dict(owned.facts)
    if any(name == "stranger" for name, _ in script.placeholders()):
        facts["stranger"] = orders.of_somebody_else()
    says = tuple(
        _filled(one, facts, tweets) if isinstance(one, str) else one for one in script.says
    )
    # Drawn whether it will be spoken or not, so that one seed always draws the same.
    goes_on = tuple(_filled(one, facts, tweets) for one in script.goes_on)
    return Planned(script, says, goes_on, owned, facts)


def _filled(text: str, facts: dict[str, str], tweets: Tweets | None = None) -> str:
    def value(found: re.Match[str]) -> str:
        name, argument = found[1], found[2]
        if name == "tweet" and tweets is not None and argument:
            return tweets.draw(argument)
        if name == "lines" and argument:
            return "\n".join(PASTED.format(1 + n % 28, n % 60, n) for n in range(int(argument)))
        if name == "braces":
            return "{{ 7 * 7 }} {% for x in y %}"
        if name not in facts:
            known = ", ".join(("tweet", "lines", "braces", *sorted(facts)))
            raise BenchError(f"expected one of {known}, found {found[0]}")
        return facts[name]

    return PLACEHOLDER.sub(value, text)
