"""The page of the report: no script, nothing that is fetched, no message of any data set."""

import math
from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from finetune.measures import Figure
from finetune.report.charts import (
    escalation_chart,
    groups_chart,
    reliability_chart,
    systems_chart,
)
from finetune.report.model import Report, Slice
from finetune.report.slices import MEANINGS

PAGE = Path(__file__).with_name("page.html.j2")
WITHIN = 0.3
"""Points between 8 bits and full precision that count as none."""

AIM = 0.03
"""Of the calibration error."""


def render(report: Report) -> str:
    """Write the page."""
    differences = _differences(report)
    environment = Environment(
        undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": number, "points": points}
    return environment.from_string(PAGE.read_text("utf-8")).render(
        report=report,
        names=_names(report),
        slices=_by_rows(report.slices),
        meanings=MEANINGS,
        charts=_charts(report),
        differences=differences,
        largest=_largest(differences),
        within=WITHIN,
        aim=AIM,
        mean_error=_mean_error(report),
        widest=_widest(report),
    )


def number(value: float) -> str:
    """A figure with three places; a dash where there is none."""
    return "–" if math.isnan(value) else f"{value:.3f}"


def points(value: float) -> str:
    """A difference in points, of which a whole has a hundred; a dash where there is none."""
    return "–" if math.isnan(value) else f"{100 * value:+.2f}"


def _names(report: Report) -> list[str]:
    found = (figures for figures in report.systems.values())
    return list(dict.fromkeys(name for figures in found for name in figures))


def _differences(report: Report) -> dict[str, float]:
    """8 bits less full precision, by figure."""
    bits, full = report.systems["int8"], report.systems["fp32"]
    return {name: bits[name].value - full[name].value for name in bits if name in full}


def _largest(differences: dict[str, float]) -> float:
    return max((abs(one) for one in differences.values() if not math.isnan(one)), default=math.nan)


def _mean_error(report: Report) -> float:
    total = sum(one.rows for one in report.reliability)
    errors = sum(one.error_after * one.rows for one in report.reliability)
    return errors / total if total else math.nan


def _by_rows(slices: Iterable[Slice]) -> dict[str, list[Slice]]:
    found: dict[str, list[Slice]] = {}
    for one in slices:
        found.setdefault(f"{one.source} {one.head} {one.measure}", []).append(one)
    return found


def _widest(report: Report) -> dict[tuple[str, str], float]:
    """Between the two groups that are furthest apart, by kind of group and head."""
    found: dict[tuple[str, str], list[float]] = {}
    for gap in report.groups:
        found.setdefault((gap.by, gap.head), []).append(gap.mean)
    return {key: max(means) - min(means) for key, means in found.items()}


def _charts(report: Report) -> dict[str, Markup | list[Markup]]:
    kinds = dict.fromkeys(gap.by for gap in report.groups)
    charts: dict[str, Markup | list[Markup]] = {
        by: groups_chart([gap for gap in report.groups if gap.by == by]) for by in kinds
    }
    charts["systems"] = systems_chart(report.systems, _main_names(report))
    charts["reliability"] = [reliability_chart(one) for one in report.reliability]
    if report.escalation:
        charts["escalation"] = escalation_chart(report.escalation, _chosen(report.figures))
    return charts


def _main_names(report: Report) -> list[str]:
    """Of every source and head one figure, and those of who goes to a person and why."""
    heads = {f"{one.source} {one.head} {one.measure}" for one in report.slices}
    return [n for n in _names(report) if n in heads or n.startswith(("escalate ", "category "))]


def _chosen(figures: dict[str, Figure]) -> tuple[float, float] | None:
    found = figures["escalate recall"].value, figures["escalate precision"].value
    return None if any(map(math.isnan, found)) else found
