"""The figures that the page of `make bench-dialogue` holds against an aim."""

from dataclasses import dataclass

NOT_YET = "not measured"
MOST = 5.0
"""Percent of the calm and of the angry conversations that may go wrong."""


@dataclass(frozen=True)
class Aim:
    """A figure, and what is aimed at.

    Attributes:
        what: Its name on the page.
        bound: The aim; None where the figure is only shown.
        most: Whether the aim is a bound from above; else from below.
        unit: Behind the number.
        digits: Behind the point.
    """

    what: str
    bound: float | None
    most: bool
    unit: str = ""
    digits: int = 3

    def row(self, found: float | None) -> dict[str, str]:
        """A row of the table; None where it was not measured."""
        sign = "≤" if self.most else "≥"
        aim = "–" if self.bound is None else f"{sign} {self.bound:g}{self.unit}"
        value = NOT_YET if found is None else f"{found:.{self.digits}f}{self.unit}"
        return {"what": self.what, "aim": aim, "found": value, "verdict": self._verdict(found)}

    def _verdict(self, found: float | None) -> str:
        if found is None or self.bound is None:
            return ""
        met = found <= self.bound if self.most else found >= self.bound
        return "met" if met else "**missed**"


AIMS = {
    "accuracy": Aim("intents, accuracy", 0.92, most=False),
    "noisy": Aim("intents, accuracy with typos and slang", 0.88, most=False),
    "auroc": Aim("out of scope, AUROC", 0.90, most=False),
    "missed": Aim("missed escalations, angry conversations", MOST, most=True, unit=" %", digits=1),
    "late": Aim(
        "angry, not called at the furious message itself", None, most=True, unit=" %", digits=1
    ),
    "false": Aim("false escalations, calm conversations", MOST, most=True, unit=" %", digits=1),
    "train": Aim("Rasa trains", 60, most=True, unit=" s", digits=0),
    "parse": Aim("parse, median", 8, most=True, unit=" ms", digits=1),
    "unanswered": Aim("messages without an answer", 0, most=True, digits=0),
    "untrue": Aim("words that say what is not so", 0, most=True, digits=0),
}
