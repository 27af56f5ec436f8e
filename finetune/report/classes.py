"""How well each class is told apart."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from finetune.report.measured import Measured
from finetune.report.model import Classes, ClassRow
from finetune.report.rows import Rows, Values

NO_YES = ("no", "yes")


def all_classes(measured: Measured) -> tuple[Classes, ...]:
    """The classes of every source and head that has some, and of who goes to a person and why."""
    found = [
        classes(rows.name, _labels(rows), rows.truth, measured.decide(rows))
        for rows in measured.rows
        if rows.spec.kind != "regression"
    ]
    served = measured.served
    if served is None:
        return tuple(found)
    called = served.escalation
    names = sorted({*served.categories.truth, *served.categories.found})
    codes = [
        np.array([names.index(name) for name in side], dtype=float)
        for side in (served.categories.truth, served.categories.found)
    ]
    return (
        classes("escalate, as it serves", NO_YES, called.truth, called.found),
        classes("category, as it serves", names, *codes),
        *found,
    )


def _labels(rows: Rows) -> tuple[str, ...]:
    return rows.spec.labels or NO_YES


def classes(name: str, labels: Sequence[str], truth: Values, found: Values) -> Classes:
    """Count which class was taken for which.

    Args:
        name: Of the rows.
        labels: Names of the classes in the order of their indices.
        truth: Indices of the right ones, (rows,).
        found: Indices of the ones that were decided, (rows,).
    """
    size = len(labels)
    flat = truth.astype(int) * size + found.astype(int)
    counts = np.bincount(flat, minlength=size * size).reshape(size, size)
    return Classes(
        name=name,
        labels=tuple(map(str, labels)),
        confusion=tuple(tuple(map(int, row)) for row in counts),
        classes=tuple(_row(str(label), counts, place) for place, label in enumerate(labels)),
    )


def _row(label: str, counts: NDArray[np.int_], place: int) -> ClassRow:
    hits, right, given = counts[place, place], counts[place].sum(), counts[:, place].sum()
    return ClassRow(
        label=label,
        precision=_share(hits, given),
        recall=_share(hits, right),
        f1=_share(2 * hits, right + given),
        rows=int(right),
    )


def _share(part: int, whole: int) -> float:
    return float(part / whole) if whole else float("nan")
