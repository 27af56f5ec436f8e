"""Compares a new adapter with the one in use; what falls too far must not be published."""

import math
from dataclasses import dataclass
from pathlib import Path
from tomllib import TOMLDecodeError, loads
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from amends.errors import AmendsError
from finetune.measures import Figure

Figures = dict[str, Figure]
Fall = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Verdict = Literal["ok", "new", "too low", "not measured"]


class ToleranceError(AmendsError):
    """The file of tolerances cannot be used."""


class Tolerances(BaseModel):
    """How far a measure may fall under the adapter in use.

    Two figures of the same few rows differ by chance: of 20 rows one more wrong answer is 0.05.
    So a measure without an entry of its own may fall by `default`, or by `noise` times half of its
    95 % bootstrap interval where that is more; the more rows, the narrower the interval.

    Attributes:
        default: For every measure and slice.
        noise: How many half intervals are put down to chance.
        measures: By name, where a shop knows better; then neither of the above holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: Fall = 0.02
    # Half an interval is 1.96 standard deviations of one figure. An adapter and its successor
    # mostly err on the same rows: the difference of two that were shipped has 0.67 to 0.86 of that
    # deviation. So half an interval is 2.3 to 2.9 deviations of the difference: of a hundred
    # slices that are as good as before about one is refused by chance. At 0.5 it would be ten.
    noise: Annotated[float, Field(ge=0, le=3, allow_inf_nan=False)] = 1.0
    measures: dict[str, Fall] = Field(default_factory=dict)

    def allowed(self, name: str, in_use: Figure, new: Figure) -> float:
        """How far this measure may fall from one figure to the other."""
        if name in self.measures:
            return self.measures[name]
        return max(self.default, self.noise * max(_half_width(in_use), _half_width(new)))


@dataclass(frozen=True)
class Comparison:
    """One row of the table that says why an adapter is published or refused.

    Attributes:
        measure: Its name.
        in_use: What the adapter in use reaches; None if it has no such figure.
        new: What the new one reaches; None if it has no such figure.
        change: How much better the new one is; negative is worse, whichever way is up.
        tolerance: How far it may fall.
        verdict: `too low` and `not measured` keep the adapter from being published.
    """

    measure: str
    in_use: Figure | None
    new: Figure | None
    change: float
    tolerance: float
    verdict: Verdict

    @property
    def passed(self) -> bool:
        """Whether this measure lets the adapter through."""
        return self.verdict in {"ok", "new"}


def compare(in_use: Figures, new: Figures, tolerances: Tolerances) -> list[Comparison]:
    """Compare every measure and slice of two adapters, those that fail first.

    Args:
        in_use: Figures of the adapter in use.
        new: Figures of the new one, on the same rows.
        tolerances: How far each may fall.

    Raises:
        ToleranceError: a tolerance is for a measure that there is not.
    """
    names = list(dict.fromkeys([*in_use, *new]))
    _refuse_unknown(tolerances, names)
    rows = [_compared(name, in_use.get(name), new.get(name), tolerances) for name in names]
    return sorted(rows, key=lambda row: row.passed)


def read_tolerances(path: Path) -> Tolerances:
    """Read tolerances from a TOML file: `default`, `noise`, and a table `[measures]`.

    Raises:
        ToleranceError: the file cannot be read, or holds a value that is no tolerance.
    """
    try:
        return Tolerances.model_validate(loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, TOMLDecodeError) as error:
        found = error.strerror if isinstance(error, OSError) else error
        raise ToleranceError(
            f"--tolerances {path}: expected a TOML file in UTF-8, found: {found}. "
            "Write lines such as default = 0.02."
        ) from error
    except ValidationError as error:
        problem = error.errors()[0]
        raise ToleranceError(
            f"--tolerances {path}: {'.'.join(map(str, problem['loc']))}: {problem['msg']}; found "
            f"{problem['input']!r}. Correct or remove it."
        ) from error


def _refuse_unknown(tolerances: Tolerances, names: list[str]) -> None:
    unknown = sorted(set(tolerances.measures) - set(names))
    if unknown:
        raise ToleranceError(
            f"--tolerances: expected measures among {', '.join(names)}; found "
            f"{', '.join(unknown)}. Correct or remove it."
        )


def _compared(
    name: str, in_use: Figure | None, new: Figure | None, tolerances: Tolerances
) -> Comparison:
    # Where the adapter in use has no value either, there is nothing to fall under.
    if in_use is None or math.isnan(in_use.value):
        return Comparison(name, in_use, new, math.nan, math.nan, "new")
    if new is None or math.isnan(new.value):
        return Comparison(name, in_use, new, math.nan, math.nan, "not measured")
    change = new.value - in_use.value
    if lower_is_better(name):
        change = -change
    allowed = tolerances.allowed(name, in_use, new)
    return Comparison(name, in_use, new, change, allowed, "ok" if change >= -allowed else "too low")


def lower_is_better(measure: str) -> bool:
    """Whether less of it is more: of every measure that is called an error."""
    return "error" in measure.lower()


def _half_width(figure: Figure) -> float:
    # An interval may be missing where no resample had a value.
    width = (figure.high - figure.low) / 2
    return 0.0 if math.isnan(width) else width
