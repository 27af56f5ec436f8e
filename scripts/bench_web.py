"""Measure the web chat on servers of its own. Started by `make bench-web`.

Three things: a turn through the web channel against the same turn over REST, many shoppers at once,
and an agent's words on their way to a shopper's screen. The clients run on the same machine and
take their share of its cores. The messages are calm ones, so that a run opens no tickets.
"""

import argparse
import asyncio
import sys
import time
import uuid
from pathlib import Path

from bench_page import Crowd, Figures, page, publish
from bench_rest import RestShopper
from bench_servers import Servers, running
from bench_shopper import Answer, Shopper

from amends.channel_client import Push, push
from amends.errors import AmendsError
from amends.settings import ROOT

TURNS_A_CONVERSATION = 5
CONNECTS_A_SECOND = 15  # an address may open twenty
MESSAGES = (
    "hello",
    "where is my parcel?",
    "the lid of the jar was a bit loose",
    "do you have it in green?",
    "thank you",
)


def main() -> int:
    """Run all three and write the page."""
    options = _options()
    try:
        with running() as servers:
            figures = asyncio.run(_measure(servers, options))
    except AmendsError as error:
        sys.stderr.write(f"amends: {error}\n")
        return 1
    publish(page(figures, sys.argv[1:]), options.output)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--turns", type=int, default=200, help="turns by each way")
    parser.add_argument("--shoppers", type=int, default=200, help="shoppers at once")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between messages")
    parser.add_argument("--seconds", type=float, default=180.0, help="how long they chat")
    parser.add_argument("--pushes", type=int, default=200, help="messages of the agent")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "benchmarks" / "web.md")
    return parser.parse_args()


async def _measure(servers: Servers, options: argparse.Namespace) -> Figures:
    web, rest = await _turns(servers, options.turns)
    pushes = await _pushes(servers, options.pushes)
    crowd = await _crowd(servers, options.shoppers, options.every, options.seconds)
    return Figures(web, rest, pushes, crowd)


async def _turns(servers: Servers, count: int) -> tuple[list[float], list[float]]:
    """Seconds of turns by both ways, one after the other, each way first in every other pair."""
    web: list[float] = []
    rest: list[float] = []
    while len(web) < count:
        async with Shopper(servers) as shopper, RestShopper(servers) as other:
            for text in MESSAGES[: min(TURNS_A_CONVERSATION, count - len(web))]:
                if len(web) % 2:
                    rest.append(_seconds(await other.ask(text), text))
                web.append(_seconds(await shopper.ask(text), text))
                if len(rest) < len(web):
                    rest.append(_seconds(await other.ask(text), text))
    return web, rest


def _seconds(answer: Answer | None, text: str) -> float:
    if answer is None:
        raise AmendsError(f"expected an answer to {text!r}, found none; see Rasa's log")
    return answer.seconds


async def _pushes(servers: Servers, count: int) -> list[float]:
    """Seconds from an agent's command to the shopper's screen."""
    seconds = []
    async with Shopper(servers) as shopper:
        await shopper.ask("hello")
        for number in range(count):
            text = f"This is message {number}."
            what = Push(shopper.sender, uuid.uuid4().hex, "message", text, "Mia")
            began = time.perf_counter()
            _, shown = await asyncio.gather(
                asyncio.to_thread(push, what, servers.settings),
                shopper.next_from("agent", began),
            )
            seconds.append(_seconds(shown, text))
    return seconds


async def _crowd(servers: Servers, shoppers: int, every: float, seconds: float) -> Crowd:
    """Shoppers who all stay connected; each writes, waits for the answer, and writes again."""
    gathered = asyncio.Barrier(shoppers)
    chats = [
        _chat(servers, number, gathered, every, seconds / every, shoppers)
        for number in range(shoppers)
    ]
    answers = [answer for chat in await asyncio.gather(*chats) for answer in chat]
    return Crowd(shoppers, every, seconds, answers)


async def _chat(
    servers: Servers, number: int, gathered: asyncio.Barrier, every: float, turns: float, of: int
) -> list[Answer | None]:
    await asyncio.sleep(number / CONNECTS_A_SECOND)
    answers = []
    async with Shopper(servers) as shopper:
        await gathered.wait()
        began = time.perf_counter() + every * number / of
        for turn in range(int(turns)):
            await asyncio.sleep(max(0.0, began + turn * every - time.perf_counter()))
            answers.append(await shopper.ask(MESSAGES[(number + turn) % len(MESSAGES)]))
        await gathered.wait()  # nobody leaves while others still write
    return answers


if __name__ == "__main__":
    sys.exit(main())
