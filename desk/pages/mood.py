"""The mood over a conversation, as a small chart and as words."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 320, 96, 10
"""Of the chart, in its own units."""


@dataclass(frozen=True)
class Point:
    """A message in the chart.

    Attributes:
        x: From the left.
        y: From the top.
        valence: −1 (very bad) to 1 (very good).
    """

    x: float
    y: float
    valence: float

    @property
    def feels(self) -> str:
        """Which way it feels."""
        return _feels(self.valence)


@dataclass(frozen=True)
class Mood:
    """The chart.

    Attributes:
        points: One a message that was scored, oldest first.
        words: What there is to see, for those who do not see it.
    """

    points: tuple[Point, ...]
    words: str

    @property
    def line(self) -> str:
        """The points of an SVG polyline."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


def mood(valences: Sequence[float]) -> Mood:
    """Draw how a conversation felt.

    Args:
        valences: Of the shopper's messages, oldest first; −1 to 1.
    """
    step = (WIDTH - 2 * EDGE) / max(len(valences) - 1, 1)
    points = tuple(
        Point(EDGE + number * step, _y(valence), valence) for number, valence in enumerate(valences)
    )
    return Mood(points, _words(valences))


def _y(valence: float) -> float:
    return HEIGHT / 2 - valence * (HEIGHT / 2 - EDGE)


def _words(valences: Sequence[float]) -> str:
    if not valences:
        return "No message was scored yet."
    first, last = valences[0], valences[-1]
    if len(valences) == 1:
        return f"One scored message: {_feels(last)} ({last:+.1f})."
    lowest = min(valences)
    return (
        f"{len(valences)} scored messages, from {_feels(first)} ({first:+.1f}) to {_feels(last)} "
        f"({last:+.1f}); the lowest is {lowest:+.1f}."
    )


def _feels(valence: float) -> str:
    if valence <= -0.25:  # noqa: PLR2004 - a third of the scale each way would hide mild anger
        return "bad"
    return "good" if valence >= 0.25 else "neither good nor bad"  # noqa: PLR2004
