"""What a head decides, and how good its decisions are, by kind of head."""

from collections.abc import Callable, Mapping

import numpy as np

from finetune.measures import (
    Figure,
    Measure,
    accuracy,
    figure,
    macro_f1,
    pearson,
    quadratic_kappa,
)
from finetune.report.rows import HALF, Rows, Values
from nlu.heads import HeadKind, HeadSpec

Figures = dict[str, Figure]
Decide = Callable[[Rows], Values | None]
"""Decides on rows, (rows,), as their truth is written; None where it has no say."""

MEASURES: Mapping[HeadKind, Mapping[str, Measure]] = {
    "regression": {"Pearson r": pearson},
    "probability": {"macro-F1": macro_f1, "accuracy": accuracy},
    "classes": {"accuracy": accuracy, "macro-F1": macro_f1},
    "ordinal": {"accuracy": accuracy, "weighted kappa": quadratic_kappa},
}
"""The first of each kind is also measured on slices."""


def decided(spec: HeadSpec, outputs: Values, cut: float = HALF) -> Values:
    """What a head decides.

    Args:
        spec: What it says.
        outputs: Its probabilities or value, (rows, outputs).
        cut: From which probability on a `probability` head says yes.

    Returns:
        (rows,): the likeliest class, the median level, 0 or 1, or the value.
    """
    match spec.kind:
        case "classes":
            return np.asarray(outputs.argmax(1), dtype=float)
        case "ordinal":
            return np.asarray((outputs.cumsum(1) >= HALF).argmax(1), dtype=float)
        case "probability":
            return (outputs[:, 0] >= cut).astype(float)
        case "regression":
            return outputs[:, 0]


def confidence(spec: HeadSpec, outputs: Values, truth: Values) -> tuple[Values, Values]:
    """How likely a head says something is, and whether it is so; both (rows,).

    Of a `probability` head the probability and the truth; of classes and levels the probability of
    the one that is decided, and whether that is right.

    Args:
        spec: What the head says, of a kind with probabilities.
        outputs: Its probabilities, (rows, outputs).
        truth: What is right, (rows,).
    """
    if spec.kind == "probability":
        return outputs[:, 0], truth
    found = decided(spec, outputs)
    return outputs[np.arange(len(found)), found.astype(int)], (found == truth).astype(float)


def figures_of(rows: Rows, decide: Decide) -> Figures:
    """Every measure of rows; none where nothing is decided."""
    found = decide(rows)
    if found is None:
        return {}
    return {
        f"{rows.name} {name}": figure(measure, list(rows.truth), list(found))
        for name, measure in MEASURES[rows.spec.kind].items()
    }


def main_measure(kind: HeadKind) -> tuple[str, Measure]:
    """The measure that slices of a head of this kind are told by, and its name."""
    return next(iter(MEASURES[kind].items()))
