"""Rows of the test split that are measured together, and what is right on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from finetune.samples import Sample
from nlu.heads import HeadSpec

Values = NDArray[np.float64]

HALF = 0.5
FEWEST = 20
FEWEST_OTHERS = 5


@dataclass(frozen=True)
class Rows:
    """Messages of one source with their labels of one head.

    Attributes:
        source: Where they come from.
        head: What they are labelled for.
        spec: What that head says.
        texts: The messages.
        truth: Their labels, (rows,): the index of a class or level, −1…1 for a regression, 0 or 1
            for a probability.
    """

    source: str
    head: str
    spec: HeadSpec
    texts: tuple[str, ...]
    truth: Values

    @property
    def name(self) -> str:
        """How figures of them begin."""
        return f"{self.source} {self.head}"

    @property
    def enough(self) -> bool:
        """Whether a figure of them is more than chance: not few rows, and not nearly all alike."""
        if len(self.texts) < FEWEST:
            return False
        if self.spec.kind == "regression":
            return True
        _, counts = np.unique(self.truth, return_counts=True)
        return bool(len(self.texts) - counts.max() >= FEWEST_OTHERS)

    def where(self, chosen: Sequence[bool]) -> "Rows":
        """Some of the rows."""
        places = np.flatnonzero(np.asarray(chosen, dtype=bool))
        return replace(self, texts=tuple(self.texts[p] for p in places), truth=self.truth[places])


def rows_of(samples: Sequence[Sample], heads: Mapping[str, HeadSpec]) -> list[Rows]:
    """The rows of the test split by source and head, where there are any.

    Args:
        samples: Of all splits.
        heads: Those that are measured.
    """
    tests = [sample for sample in samples if sample.split == "test"]
    sources = dict.fromkeys(sample.source for sample in tests)
    found = [_rows(tests, source, head, spec) for source in sources for head, spec in heads.items()]
    return [rows for rows in found if rows.texts]


def _rows(tests: Sequence[Sample], source: str, head: str, spec: HeadSpec) -> Rows:
    rows = [row for row in tests if row.source == source and head in row.labels]
    truth = np.array([row.labels[head] for row in rows], dtype=float)
    if spec.kind == "probability":
        truth = (truth >= HALF).astype(float)
    return Rows(source, head, spec, tuple(row.text for row in rows), truth)
