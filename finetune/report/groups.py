"""Whether complaints of the same weight are heard alike, whoever writes them."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict

from finetune.report.rows import Values
from finetune.report.scored import Scored

FILE = Path(__file__).with_name("groups.yml")
RESAMPLES = 2000


class GroupSentences(BaseModel):
    """Complaints of our own, and the names and registers in which they are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: dict[str, tuple[str, ...]]
    frames: tuple[str, ...]
    registers: tuple[str, ...]
    complaints: tuple[tuple[str, ...], ...]

    def cells(self, by: Literal["names", "registers"]) -> dict[str, list[list[str]]]:
        """The sentences of each group: one list a frame, one sentence a variant."""
        if by == "names":
            return {
                group: [[frame.format(name=name) for name in names] for frame in self.frames]
                for group, names in self.names.items()
            }
        return {
            register: [[told[place]] for told in self.complaints]
            for place, register in enumerate(self.registers)
        }


class Gap(BaseModel):
    """How differently a group is heard.

    Attributes:
        by: What the groups are made by.
        group: Its name.
        head: What is compared: a probability, or the valence.
        mean: Of the group.
        difference: Mean of the group less the mean of all groups, on the same complaints.
        low: 2.5th percentile of the difference over resamples of complaints and of names.
        high: 97.5th percentile.
        sentences: How many were scored for the group.
    """

    model_config = ConfigDict(frozen=True)

    by: Literal["names", "registers"]
    group: str
    head: str
    mean: float
    difference: float
    low: float
    high: float
    sentences: int

    @property
    def certain(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


@lru_cache(maxsize=1)
def group_sentences() -> GroupSentences:
    """The sentences that come with Amends."""
    return GroupSentences.model_validate(yaml.safe_load(FILE.read_text("utf-8")))


def gaps(scored: Scored) -> list[Gap]:
    """Compare groups of names and of registers by every head that gives one number."""
    heads = scored.classifier.manifest.heads
    numbers = [name for name, spec in heads.items() if not spec.labels]
    return [gap for head in numbers for gap in _gaps(scored, head)]


def _gaps(scored: Scored, head: str) -> Iterator[Gap]:
    kinds: tuple[Literal["names", "registers"], ...] = ("names", "registers")
    for by in kinds:
        cells = group_sentences().cells(by)
        scored.add(text for frames in cells.values() for frame in frames for text in frame)
        values = {group: _values(scored, head, frames) for group, frames in cells.items()}
        # By frame, so that a frame that is heard as bad from everybody is no group's.
        means = np.mean([group.mean(axis=1) for group in values.values()], axis=0)
        for group, found in values.items():
            low, high = interval(found - means[:, None])
            difference = float((found - means[:, None]).mean())
            yield Gap(
                by=by,
                group=group,
                head=head,
                mean=float(found.mean()),
                difference=difference,
                low=low,
                high=high,
                sentences=found.size,
            )


def _values(scored: Scored, head: str, frames: list[list[str]]) -> Values:
    found = scored.of([text for frame in frames for text in frame], head)[:, 0]
    return found.reshape(len(frames), -1)


def interval(differences: Values) -> tuple[float, float]:
    """95 % interval of their mean, from resamples of rows and of columns, each on its own.

    The pigeonhole bootstrap (Owen 2007, https://doi.org/10.1214/07-AOAS122): neither two sentences
    of one name nor two of one complaint are independent.

    Args:
        differences: (complaints, names).
    """
    rng = np.random.default_rng(0)
    frames, names = differences.shape
    means = [
        differences[np.ix_(rng.integers(0, frames, frames), rng.integers(0, names, names))].mean()
        for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
