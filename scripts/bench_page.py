"""The page that `make bench-web` writes."""

import os
import platform
import shlex
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from bench_shopper import Answer

from amends.settings import ROOT

WORDS = ROOT / "assistant" / "web_channel" / "words" / "en.yml"
# What the channel says when it has no answer; it is an end to the waiting, but no answer.
APOLOGIES = ("action_failed", "late", "broken", "no_words", "kept", "not_kept")
PERCENTILES = 100


@dataclass(frozen=True)
class Crowd:
    """Shoppers at once, and what each message brought; None where no words came."""

    shoppers: int
    every: float
    seconds: float
    answers: Sequence[Answer | None]


@dataclass(frozen=True)
class Figures:
    """All that was measured, in seconds."""

    web: Sequence[float]
    rest: Sequence[float]
    pushes: Sequence[float]
    crowd: Crowd


def page(figures: Figures, arguments: Sequence[str]) -> str:
    """The page as Markdown."""
    command = shlex.join(_command(arguments))
    parts = (
        f"# The web chat, timed\n\nMeasured by `{command}` on {machine()}. "
        "The clients run on the same machine and take their share of it.",
        _turns(figures),
        _crowd(figures.crowd),
        _pushes(figures.pushes),
    )
    return "\n\n".join(parts) + "\n"


def _command(arguments: Sequence[str]) -> list[str]:
    by_hand = [".venv/bin/python", "scripts/bench_web.py", *arguments]
    return by_hand if arguments else ["make", "bench-web"]


def publish(text: str, output: Path) -> None:
    """Write a page, and print it."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def machine() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"


def _turns(figures: Figures) -> str:
    between = statistics.median(figures.web) - statistics.median(figures.rest)
    rows = "\n".join(
        f"| {name} | {len(times)} | {spread(times)} |"
        for name, times in (("web channel", figures.web), ("REST", figures.rest))
    )
    return (
        "## One turn, by the web channel and by REST\n\n"
        "The same messages in turns, five a conversation, each shopper on one connection, from "
        "sending until the words are there, in milliseconds.\n\n"
        f"| | turns | median | p95 | max |\n| --- | --- | --- | --- | --- |\n{rows}\n\n"
        f"Web against REST in the median: {between * 1000:+.1f} ms."
    )


def _crowd(crowd: Crowd) -> str:
    answers = [answer for answer in crowd.answers if answer is not None]
    sorries = apologies()
    sorry = sum(answer.text in sorries for answer in answers)
    times = [answer.seconds for answer in answers]
    return (
        f"## {crowd.shoppers} shoppers at once\n\n"
        f"All connected; each writes every {crowd.every:g} s for {crowd.seconds:g} s. Counted and "
        "timed at the client, from sending until the words are there, in milliseconds.\n\n"
        "| sent | answered | of these with an apology | median | p95 | max |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        f"| {len(crowd.answers)} | {len(answers)} | {sorry} | {spread(times)} |"
    )


def _pushes(times: Sequence[float]) -> str:
    return (
        "## An agent's words, until they are on the shopper's screen\n\n"
        "One after the other through `amends.channel_client`, each over a connection of its own, "
        "in milliseconds.\n\n"
        "| pushes | median | p95 | max |\n| --- | --- | --- | --- |\n"
        f"| {len(times)} | {spread(times)} |"
    )


def spread(times: Sequence[float]) -> str:
    """Median, 95th percentile and largest, in milliseconds."""
    if not times:
        return "– | – | –"
    p95 = (
        statistics.quantiles(times, n=PERCENTILES, method="inclusive")[94]
        if times[1:]
        else times[0]
    )
    return " | ".join(f"{1000 * one:.0f}" for one in (statistics.median(times), p95, max(times)))


def apologies() -> set[str]:
    """What the channel says when it has no answer."""
    words = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return {words[name].strip() for name in APOLOGIES}
