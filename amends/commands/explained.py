"""What `amends explain` shows on a terminal."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from nlu.assessment import Assessment, Evidence, Polarity, Unreadable
from tickets.triage import Triage

if TYPE_CHECKING:
    from nlu.categories import Nearest

BAR = 10
"""Cells of the bar of the strongest word."""

COLOURS = {Polarity.NEGATIVE: "red", Polarity.NEUTRAL: "cyan", Polarity.POSITIVE: "green"}


@dataclass(frozen=True)
class Explained:
    """All that is said of one message.

    Attributes:
        found: Its scores, or why it has none.
        weighed: All words that were weighed.
        told: Those of them that are stored with an assessment.
        nearest: The closest examples of its category.
        decision: What happens next, and why.
    """

    found: Assessment | Unreadable
    weighed: Evidence
    told: Evidence
    nearest: "list[Nearest]"
    decision: Triage


def show(console: Console, explained: Explained) -> None:
    """Print the message with its words marked, their bars, its scores, and what happens next.

    Bold and underlined are seen without colours too, and the bars need neither.
    """
    found, decision = explained.found, explained.decision
    facts = Table.grid(padding=(0, 2))
    if isinstance(found, Assessment):
        console.print(_marked(found, explained.told), _bars(found, explained.told), sep="\n")
        for name, value in _facts(found, explained.nearest):
            facts.add_row(Text(name, style="bold"), Text(value))
    else:
        console.print(Text(found.text))
        facts.add_row(Text("not scored", style="bold"), Text(found.reason))
    why = f"{decision.decision}, by the rule {decision.rule}: {decision.detail}"
    facts.add_row(Text("next", style="bold"), Text(why))
    console.print(facts)


def _marked(found: Assessment, told: Evidence) -> Group:
    message, style = Text(found.text), f"bold {COLOURS[found.polarity]}"
    for word in told.words:
        if word.polarity > 0:
            message.stylize(style, word.start, word.end)
        if word.intensity > 0:
            message.stylize("underline", word.start, word.end)
    legend = Text.assemble(
        (f"bold: carried {found.polarity}", style),
        ", ",
        ("underlined: carried intensity", "underline"),
    )
    legend.append(" (read as shouted, for its capitals)" if told.capitals else "")
    return Group(message, Text(), legend)


def _bars(found: Assessment, told: Evidence) -> Table:
    table = Table("word", found.polarity, "intensity", box=None, padding=(0, 2, 0, 0))
    for word in told.words:
        table.add_row(
            Text(word.text, overflow="ellipsis", no_wrap=True),
            _bar(word.polarity, [other.polarity for other in told.words]),
            _bar(word.intensity, [other.intensity for other in told.words]),
        )
    return table


def _bar(weight: float, all_weights: list[float]) -> Text:
    full = max(all_weights)
    cells = round(BAR * weight / full) if weight > 0 else 0
    return Text(f"{'█' * cells:<{BAR}} {weight:+.2f}")


def _facts(found: Assessment, nearest: "list[Nearest]") -> list[tuple[str, str]]:
    probs = ", ".join(f"{name} {prob:.2f}" for name, prob in found.polarity_probs.items())
    others = ", ".join(f"{other.category} {other.similarity:.2f}" for other in found.runners_up)
    return [
        ("polarity", f"{found.polarity} ({probs}), valence {found.valence:+.2f}"),
        ("intensity", found.intensity),
        ("complaint", f"{found.complaint:.2f}, subjectivity {found.subjectivity:.2f}"),
        (
            "severity",
            f"{found.severity:.2f}; from {found.severity_threshold:.2f} on a person sees it",
        ),
        ("category", f"{found.category} {found.similarity:.2f}; then {others}"),
        *(("example", f"{near.similarity:.2f}  {near.example}") for near in nearest),
        ("model", found.model),
    ]
