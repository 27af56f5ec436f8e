"""Measure the desk on servers of its own. Started by `make bench-desk`.

Three things: how long an escalation takes until agents see it, whether every update reaches every
agent while many shoppers are connected, and what the queue costs with very many tickets. The
clients run on the same machine and take their share of its cores.
"""

import argparse
import asyncio
import gzip
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from bench_agents import Agent, agents_at
from bench_page import machine, publish, spread
from bench_servers import BenchError, Servers, running
from bench_shopper import Shopper
from bench_tickets import many_tickets, opened
from jinja2 import Environment, StrictUndefined

from amends.errors import AmendsError
from amends.settings import ROOT
from tickets.queue import PAGE_ROWS

CONNECTS_A_SECOND = 15  # an address may open twenty
ANGRY = "This is the third time my parcel is lost and nobody answers. I am furious, useless shop!!"
CALM = "where is my parcel?"
FETCHING = 10
"""Agents that show the queue; the others have other pages open and only listen."""
SETTLE_S = 3.0
PAGE = Path(__file__).with_name("bench_desk.md.j2")
ASSET = re.compile(r'(?:src|href)="(/static/[^"]+)"')


@dataclass(frozen=True)
class Live:
    """Escalations while everybody is connected; times in seconds from the ticket's commit."""

    shoppers: int
    agents: int
    tickets: int
    expected: int
    delivered: int
    answered: int
    asked: int
    to_event: Sequence[float]
    to_screen: Sequence[float]


@dataclass(frozen=True)
class Heavy:
    """The queue with many tickets: seconds a request, and bytes as sent for a cold load."""

    tickets: int
    queue: Sequence[float]
    ticket: Sequence[float]
    weight: int


def main() -> int:
    """Run all and write the page."""
    options = _options()
    try:
        with running() as servers:
            live, heavy = asyncio.run(_measure(servers, options))
    except AmendsError as error:
        sys.stderr.write(f"amends: {error}\n")
        return 1
    publish(_page(live, heavy), options.output)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--agents", type=int, default=50, help="agents who listen")
    parser.add_argument("--shoppers", type=int, default=200, help="shoppers who are connected")
    parser.add_argument("--escalations", type=int, default=60, help="of them, one each")
    parser.add_argument("--seconds", type=float, default=60.0, help="over which they are spread")
    parser.add_argument("--tickets", type=int, default=10_000, help="tickets of the heavy queue")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "benchmarks" / "desk.md")
    return parser.parse_args()


async def _measure(servers: Servers, options: argparse.Namespace) -> tuple[Live, Heavy]:
    fetching = min(FETCHING, options.agents)
    async with agents_at(servers, options.agents, fetching) as agents:
        live = await _live(servers, options, agents)
    async with agents_at(servers, 1, 0) as agents:
        heavy = await _heavy(servers, options.tickets, agents[0])
    return live, heavy


async def _live(servers: Servers, options: argparse.Namespace, agents: list[Agent]) -> Live:
    """Every shopper stays connected; some of them escalate, the others ask something once."""
    gathered = asyncio.Barrier(options.shoppers)
    chats = [
        _chat(servers, number, gathered, options.seconds, options.escalations, options.shoppers)
        for number in range(options.shoppers)
    ]
    answers = await asyncio.gather(*chats)
    await asyncio.sleep(SETTLE_S)
    tickets = opened(servers.settings)
    events = [
        agent.heard[f"ticket-{reference}"] - at
        for agent in agents
        for reference, at in tickets.items()
        if f"ticket-{reference}" in agent.heard
    ]
    screens = [
        agent.shown[reference] - at
        for agent in agents[:FETCHING]
        for reference, at in tickets.items()
        if reference in agent.shown
    ]
    return Live(
        shoppers=options.shoppers,
        agents=len(agents),
        tickets=len(tickets),
        expected=len(tickets) * len(agents),
        delivered=len(events),
        answered=sum(answers),
        asked=len(answers),
        to_event=events,
        to_screen=screens,
    )


async def _chat(
    servers: Servers,
    number: int,
    gathered: asyncio.Barrier,
    seconds: float,
    escalations: int,
    of: int,
) -> bool:
    await asyncio.sleep(number / CONNECTS_A_SECOND)
    async with Shopper(servers) as shopper:
        await gathered.wait()
        await asyncio.sleep(seconds * number / of)
        # Spread over all: every third or so is furious.
        furious = number * escalations // of != (number + 1) * escalations // of
        answer = await shopper.ask(ANGRY if furious else CALM)
        await gathered.wait()  # nobody leaves while others still write
    return answer is not None


async def _heavy(servers: Servers, count: int, agent: Agent) -> Heavy:
    reference = await asyncio.to_thread(many_tickets, servers.settings, count)
    queue = [await _seconds(agent.http, "/") for _ in range(50)]
    ticket = [await _seconds(agent.http, f"/tickets/{reference}") for _ in range(50)]
    return Heavy(count, queue, ticket, await _weight(agent.http))


async def _seconds(http: httpx.AsyncClient, path: str) -> float:
    began = time.perf_counter()
    response = await http.get(path)
    if response.status_code != httpx.codes.OK:
        raise BenchError(f"expected {path}, found HTTP {response.status_code}")
    return time.perf_counter() - began


async def _weight(http: httpx.AsyncClient) -> int:
    """Bytes of the queue and of all that it loads, as they come over the line."""
    first = await http.get("/")
    sent = [int(first.headers.get("content-length", len(gzip.compress(first.content))))]
    for path in dict.fromkeys(ASSET.findall(first.text)):
        async with http.stream("GET", path) as response:
            sent.append(sum([len(piece) async for piece in response.aiter_raw()]))
    return sum(sent)


def _page(live: Live, heavy: Heavy) -> str:
    template = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - Markdown
    template.filters["spread"] = spread
    fetching = min(FETCHING, live.agents)
    values = {"live": live, "heavy": heavy, "machine": machine(), "fetching": fetching}
    values["page_rows"] = PAGE_ROWS
    return template.from_string(PAGE.read_text(encoding="utf-8")).render(values) + "\n"


if __name__ == "__main__":
    sys.exit(main())
