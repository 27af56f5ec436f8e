"""Measure how conversations go. Started by `make bench-dialogue`.

Two things: intents on sentences that nothing was trained on, with the time that Rasa trains and
parses; and scripted conversations with other people's messages in them, through the web channel of
servers of their own. The page is written after each.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from bench_dialogue_claims import Claims
from bench_dialogue_intents import add_intents
from bench_dialogue_judge import Judge, Verdict
from bench_dialogue_orders import Orders
from bench_dialogue_page import Results, page
from bench_dialogue_scored import scored
from bench_dialogue_scripts import Script, read_scripts
from bench_dialogue_talk import AT_ONCE, Planned, Stage
from bench_dialogue_tweets import Tweets
from bench_page import apologies, publish
from bench_servers import BenchError, Servers, running

from amends.errors import AmendsError
from amends.settings import ROOT
from nlu.policy_file import read_policy_file

PARTS = ("intents", "conversations")
COUNTED = ("calm", "angry")


def main() -> int:
    """Run what is asked for and write the page after each part."""
    options = _options()
    results = Results(seed=options.seed, rounds=options.rounds, at_once=AT_ONCE)
    failed = False
    for name in options.parts:
        try:
            if name == "intents":
                add_intents(results, options.data)
            else:
                _converse(results, options)
        except AmendsError as error:
            sys.stderr.write(f"amends: {name}: {error}\n")
            failed = True
        publish(page(results, sys.argv[1:]), options.output)
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the label sets")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="what is measured")
    parser.add_argument("--only", default="", help="pattern of the conversations' names")
    parser.add_argument("--rounds", type=int, default=5, help="for conversations that draw")
    parser.add_argument("--least", type=int, default=100, help="calm, and angry, conversations")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn")
    parser.add_argument(
        "--transcripts", type=Path, help="folder for what was said; drawn messages are left out"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "benchmarks" / "dialogue.md")
    return parser.parse_args()


def _converse(results: Results, options: argparse.Namespace) -> None:
    scripts = [one for one in read_scripts() if re.search(options.only, one.name)]
    if not scripts:
        raise BenchError(f"expected conversations named like {options.only!r}, found none")
    spoken = often_enough(scripts, options.rounds, options.least)
    try:
        with running() as servers:
            results.verdicts = asyncio.run(_speak(servers, spoken, options))
            results.scored = scored(servers.settings)
    except AmendsError as error:
        results.trouble = str(error).partition("\n")[0]
        raise


async def _speak(
    servers: Servers, scripts: Sequence[Script], options: argparse.Namespace
) -> list[Verdict]:
    claims = Claims.of(servers.settings.templates_dir / "en")
    judge = Judge(_policies(servers), frozenset(apologies()), claims)
    if options.transcripts is not None:
        options.transcripts.mkdir(parents=True, exist_ok=True)
    stage = Stage(servers, Orders.of(servers.settings), judge, options.transcripts)
    planned: list[Planned] = stage.plan(scripts, Tweets.of(options.data, options.seed))
    return await stage.speak(planned)


def _policies(servers: Servers) -> dict[str, list[str]]:
    file = read_policy_file(servers.settings.templates_dir / "policies" / "en.md")
    return {one.heading: [fact.text for fact in one.facts] for one in file.sections}


def often_enough(scripts: Sequence[Script], rounds: int, least: int) -> list[Script]:
    """Each script once, and those that draw again until there are enough of their group.

    Args:
        scripts: All that are spoken.
        rounds: How often one that draws is spoken at least.
        least: So many calm, and so many angry ones.
    """
    drawing = [one for one in scripts if one.draws]
    spoken = [*scripts, *(one for one in drawing for _ in range(rounds - 1))]
    for group in COUNTED:
        again = [one for one in drawing if one.group == group]
        missing = least - sum(one.group == group for one in spoken)
        spoken += [again[n % len(again)] for n in range(missing if again else 0)]
    return spoken


if __name__ == "__main__":
    sys.exit(main())
