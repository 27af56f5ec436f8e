"""The page that `make bench-dialogue` writes."""

import math
import platform
import re
import shlex
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench_dialogue_aims import AIMS, NOT_YET
from bench_dialogue_judge import Verdict
from bench_page import machine, spread
from jinja2 import Environment, StrictUndefined

PAGE = Path(__file__).with_name("bench_dialogue.md.j2")
CPU = Path("/proc/cpuinfo")
Z = 1.959964
PERCENT = 100
P90 = 8
DECILES = 10


@dataclass
class Results:
    """What was measured so far; a text says why something was not.

    Attributes:
        figures: By name of the aim.
        intents: Rows of the table of intents.
        confusions: The most frequent ones.
        measure: The command that measured them.
        verdicts: Of the conversations.
        scored: Messages that were scored, and how many by the lexicon, without the model.
        trouble: Why the conversations ended early; "" where they did not.
        seed: Of what was drawn.
        rounds: How often what draws was spoken.
        at_once: Conversations.
    """

    figures: dict[str, float] = field(default_factory=dict)
    intents: Mapping[str, str] | str = NOT_YET
    confusions: Sequence[str] = ()
    verdicts: Sequence[Verdict] = ()
    scored: tuple[int, int] = (0, 0)
    trouble: str = ""
    seed: int = 0
    rounds: int = 0
    at_once: int = 0
    measure: str = ""


def page(results: Results, arguments: Sequence[str]) -> str:
    """The page as Markdown."""
    template = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - Markdown
    template.filters["spread"] = spread
    figures = results.figures | _figures(results.verdicts)
    text = template.from_string(PAGE.read_text(encoding="utf-8")).render(
        day=datetime.now(UTC).date().isoformat(),
        command=_command(arguments),
        machine=machine(),
        cpu=_cpu(),
        aims=[aim.row(figures.get(name)) for name, aim in AIMS.items()],
        intents=results.intents,
        measure=results.measure,
        confusions=results.confusions,
        trouble=results.trouble,
        spoken=_spoken(results) if results.verdicts else None,
    )
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def wilson(count: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, in percent."""
    if not of:
        return 0.0, float(PERCENT)
    share, square = count / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return PERCENT * max(0.0, middle - half), PERCENT * min(1.0, middle + half)


def _figures(verdicts: Sequence[Verdict]) -> dict[str, float]:
    if not verdicts:
        return {}
    angry, calm = _group(verdicts, "angry"), _group(verdicts, "calm")
    figures: dict[str, float] = {
        "unanswered": sum(len(one.silent) + len(one.sorry) for one in verdicts),
        "untrue": sum(len(one.untrue) for one in verdicts),
    }
    if angry:
        figures["missed"] = PERCENT * sum(map(_missed, angry)) / len(angry)
        figures["late"] = PERCENT * sum(map(_late, angry)) / len(angry)
    if calm:
        figures["false"] = PERCENT * sum(map(_false, calm)) / len(calm)
    return figures


def _spoken(results: Results) -> dict[str, Any]:
    verdicts = results.verdicts
    silent = sum(len(one.silent) for one in verdicts)
    sent = sum(one.turns for one in verdicts)
    scripts = {one.script.name: one.script for one in verdicts}
    return {
        "scripts": len(scripts),
        "drawing": sum(script.draws for script in scripts.values()),
        "seed": results.seed,
        "rounds": results.rounds,
        "at_once": results.at_once,
        "rates": _rates(verdicts),
        "missed_by_round": _by_round(_group(verdicts, "angry"), _missed),
        "late_by_round": _by_round(_group(verdicts, "angry"), _late),
        "false_by_round": _by_round(_group(verdicts, "calm"), _false),
        "topics": _topics(verdicts),
        "solutions": _solutions(verdicts),
        "sent": sent,
        "answered": sent - silent,
        "sorry": sum(len(one.sorry) for one in verdicts),
        "untrue": sum(len(one.untrue) for one in verdicts),
        "scored": results.scored,
        "times": [seconds for one in verdicts for seconds in one.seconds],
        "faults": _faults(verdicts),
    }


def _rates(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    angry, calm = _group(verdicts, "angry"), _group(verdicts, "calm")
    return [
        *_rates_by_words("angry, a person never called", angry, _missed),
        *_rates_by_words("angry, not called at the furious message itself", angry, _late),
        *_rates_by_words("calm, a person called for nothing", calm, _false),
        _rate("unhappy paths, not as the script says", _group(verdicts, "unhappy"), _is_off),
    ]


def _rates_by_words(
    what: str, verdicts: Sequence[Verdict], wrong: Callable[[Verdict], bool]
) -> list[dict[str, object]]:
    drawn = [one for one in verdicts if one.script.draws]
    own = [one for one in verdicts if not one.script.draws]
    return [
        _rate(what, verdicts, wrong),
        _rate(f"{what}: with other people's messages", drawn, wrong),
        _rate(f"{what}: in words of our own", own, wrong),
    ]


def _rate(
    what: str, verdicts: Sequence[Verdict], wrong: Callable[[Verdict], bool]
) -> dict[str, object]:
    count, of = sum(map(wrong, verdicts)), len(verdicts)
    low, high = wilson(count, of)
    rate = f"{PERCENT * count / of:.1f}" if of else "–"
    return {
        "what": what,
        "of": of,
        "count": count,
        "rate": rate,
        "interval": f"{low:.1f}–{high:.1f}",
    }


def _by_round(verdicts: Sequence[Verdict], wrong: Callable[[Verdict], bool]) -> str:
    """Wrong ones of all in each round of those that draw, such as `1 of 20, 0 of 20`."""
    before: Counter[str] = Counter()
    rounds: dict[int, list[Verdict]] = defaultdict(list)
    for one in (verdict for verdict in verdicts if verdict.script.draws):
        rounds[before[one.script.name]].append(one)
        before[one.script.name] += 1
    return ", ".join(f"{sum(map(wrong, ones))} of {len(ones)}" for ones in rounds.values())


def _missed(verdict: Verdict) -> bool:
    return verdict.is_missed


def _late(verdict: Verdict) -> bool:
    return verdict.is_late


def _false(verdict: Verdict) -> bool:
    return verdict.is_false


def _is_off(verdict: Verdict) -> bool:
    return bool(_what(verdict))


def _topics(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    topics: dict[str, list[Verdict]] = defaultdict(list)
    for one in verdicts:
        topics[one.script.about].append(one)
    return [
        {"what": about.replace("_", ", "), "of": len(ones), "count": sum(map(_is_off, ones))}
        for about, ones in sorted(topics.items())
    ]


def _solutions(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    kinds: dict[str, list[Verdict]] = defaultdict(list)
    for one in verdicts:
        if one.script.solved is not None:
            kinds[one.script.solved.kind].append(one)
    return [
        {
            "what": kind,
            "of": len(ones),
            "solved": len(turns := sorted(one.solved for one in ones if one.solved is not None)),
            "median": f"{statistics.median(turns):g}" if turns else "–",
            "p90": f"{_p90(turns):g}" if turns else "–",
        }
        for kind, ones in sorted(kinds.items())
    ]


def _p90(values: Sequence[int]) -> float:
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=DECILES, method="inclusive")[P90]


def _faults(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    spoken = Counter(one.script.name for one in verdicts)
    faults = Counter((one.script.name, what) for one in verdicts for what in set(_what(one)))
    return [
        {"name": name, "count": count, "of": spoken[name], "what": what.replace("|", "\\|")}
        for (name, what), count in sorted(faults.items())
    ]


def _what(verdict: Verdict) -> Iterable[str]:
    """What of a conversation is not as its script says."""
    faults = [*verdict.wrong, *(f"says what is not so: {name}" for name in verdict.untrue)]
    if verdict.is_missed:
        faults.append("a person never called")
    elif verdict.is_late:
        at = f"message {verdict.escalated} instead of {verdict.script.escalated}"
        faults.append(f"a person called late ({at})")
    if verdict.is_false:
        faults.append("a person called for nothing")
    faults += ["a message without an answer"] * bool(verdict.silent)
    return faults + ["an apology of the channel's"] * bool(verdict.sorry)


def _group(verdicts: Sequence[Verdict], group: str) -> list[Verdict]:
    return [one for one in verdicts if one.script.group == group]


def _command(arguments: Sequence[str]) -> str:
    by_hand = [".venv/bin/python", "scripts/bench_dialogue.py", *arguments]
    given = [one for one in arguments if one not in ("--data", "../shared/data")]
    return shlex.join(by_hand) if given else "make bench-dialogue"


def _cpu() -> str:
    """Which processor, where the system says."""
    found = re.search(r"^model name\s*: (.*)$", CPU.read_text(), re.M) if CPU.exists() else None
    return " ".join(found[1].split()) if found else platform.processor()
