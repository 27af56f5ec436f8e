"""The pictures of the report, as SVG that stands in the page."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from finetune.calibration import Bin
from finetune.measures import Figure
from finetune.report.groups import Gap
from finetune.report.model import Escalation, Reliability

BLUE, ORANGE, GREY = "#1f6f8b", "#c8553d", "#8a8f98"
COLOURS = ("#9cc7d1", BLUE, ORANGE, "#d9a441", GREY, "#b8bcc4")
MARKS = ("o", "o", "D", "s", "^", "v")
STYLE: Any = {
    # Text stays text: it can be read aloud, searched and copied, and takes less room.
    "svg.fonttype": "none",
    "svg.hashsalt": "amends",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "grid.color": "#e6e8eb",
    "legend.frameon": False,
    "text.parse_math": False,
}


def systems_chart(systems: Mapping[str, Mapping[str, Figure]], names: Sequence[str]) -> Markup:
    """One dot a system for each figure.

    Args:
        systems: Figures by name, by system.
        names: The figures that are shown, from the top.
    """
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(8.6, 0.32 * len(names) + 1.1), layout="constrained")
        axes = canvas.subplots()
        for place, (system, figures) in enumerate(systems.items()):
            points = [(figures[n].value, row) for row, n in enumerate(names) if n in figures]
            values, rows = [value for value, _ in points], [row for _, row in points]
            style = {"color": COLOURS[place % 6], "marker": MARKS[place % 6], "label": system}
            axes.scatter(values, rows, s=34, zorder=3, **style)  # type: ignore[arg-type]
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
        return _svg(canvas, "Figures of the adapter and of what it is compared with")


def reliability_chart(found: Reliability) -> Markup:
    """What is, against what is said, before and after calibration."""
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(3.1, 3.0), layout="constrained")
        axes = canvas.subplots()
        axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1)
        _bins(axes, found.before, ORANGE, f"before: {found.error_before:.3f}")
        _bins(axes, found.after, BLUE, f"after: {found.error_after:.3f}")
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="said", ylabel="is so", title=found.name)
        axes.title.set_fontsize(9)
        axes.legend(loc="lower right", fontsize=8)
        return _svg(canvas, f"Reliability of {found.name}")


def _bins(axes: Axes, found: Sequence[Bin], colour: str, label: str) -> None:
    said, share = [one.confidence for one in found], [one.share for one in found]
    axes.plot(said, share, color=colour, marker="o", markersize=4, linewidth=1.2, label=label)


def escalation_chart(found: Escalation, chosen: tuple[float, float] | None) -> Markup:
    """Precision against recall of `escalate`, the chosen threshold marked.

    Args:
        found: The curve.
        chosen: Recall and precision at the chosen threshold; None where nobody is called.
    """
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(5.2, 3.8), layout="constrained")
        axes = canvas.subplots()
        recall = [point.recall for point in found.curve]
        axes.step(recall, [p.precision for p in found.curve], where="post", color=BLUE)
        label = f"precision {found.least_precision:.2f}, kept on other rows"
        axes.axhline(found.least_precision, color=GREY, linestyle=":", label=label)
        if chosen:
            label = f"chosen: severity {found.threshold:.2f}"
            axes.scatter(*chosen, color=ORANGE, s=60, zorder=3, label=label)
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
        axes.legend(loc="lower left")
        return _svg(canvas, "Precision and recall of escalate")


def groups_chart(gaps: Sequence[Gap]) -> Markup:
    """The difference of each group to all of them, with its interval; one panel a head."""
    heads = list(dict.fromkeys(gap.head for gap in gaps))
    groups = list(dict.fromkeys(gap.group for gap in gaps))
    with mpl.rc_context(STYLE):
        size = (2.0 * len(heads) + 1.8, 0.3 * len(groups) + 0.9)
        canvas = Canvas(figsize=size, layout="constrained")
        panels = canvas.subplots(1, len(heads), sharey=True, squeeze=False)[0]
        for axes, head in zip(panels, heads, strict=True):
            for gap in (gap for gap in gaps if gap.head == head):
                colour = ORANGE if gap.certain else BLUE
                row = groups.index(gap.group)
                axes.plot([gap.low, gap.high], [row, row], color=colour, linewidth=2)
                axes.plot(gap.difference, row, color=colour, marker="o", markersize=5)
            axes.axvline(0, color=GREY, linewidth=1)
            axes.set_title(head, fontsize=9)
            axes.xaxis.set_major_locator(MaxNLocator(3))
        panels[0].set_yticks(range(len(groups)), groups)
        panels[0].invert_yaxis()
        return _svg(canvas, f"Differences between groups of {gaps[0].by}")


def _svg(canvas: Canvas, title: str) -> Markup:
    """The picture without what makes it a file of its own."""
    file = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    canvas.savefig(file, format="svg", metadata={**nothing, "Title": title}, transparent=True)
    text = file.getvalue()
    # Matplotlib escapes what it is given.
    return Markup(text[text.index("<svg") :])  # noqa: S704
