"""Figures with their spread."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Measure = Callable[[NDArray[np.float64], NDArray[np.float64]], float]

RESAMPLES = 1000
SEED = 0


@dataclass(frozen=True)
class Figure:
    """A measured value.

    Attributes:
        value: On all rows.
        low: 2.5th percentile over bootstrap resamples of the rows.
        high: 97.5th percentile.
        rows: How many rows it was measured on.
    """

    value: float
    low: float
    high: float
    rows: int

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}-{self.high:.3f}, n = {self.rows})"


def figure(measure: Measure, truth: Sequence[float], found: Sequence[float]) -> Figure:
    """Measure with a 95 % interval by the percentile bootstrap (Efron 1979), fixed seed.

    Args:
        measure: Takes truth and prediction, both (rows,).
        truth: What is right.
        found: What was predicted.
    """
    right, given = np.asarray(truth, dtype=float), np.asarray(found, dtype=float)
    rng = np.random.default_rng(SEED)
    draws = rng.integers(0, len(right), (RESAMPLES, len(right)))
    # A resample may hold no positive row at all, on which some measures have no value.
    values = [measure(right[rows], given[rows]) for rows in draws]
    known = [value for value in values if not math.isnan(value)] or [math.nan]
    low, high = np.percentile(known, [2.5, 97.5])
    return Figure(measure(right, given), float(low), float(high), len(right))


def pearson(truth: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """Pearson's correlation; NaN where one of the two is the same on all rows."""
    if len(truth) < 2:  # noqa: PLR2004 - of one row there is none
        return float("nan")
    right, given = truth - truth.mean(), found - found.mean()
    norm = math.sqrt((right @ right) * (given @ given))
    return float(right @ given) / norm if norm else float("nan")


def macro_f1(truth: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """F1, the mean of the classes that occur in either; NaN without rows."""
    classes, codes = np.unique(np.concatenate([truth, found]), return_inverse=True)
    right, given = codes[: len(truth)], codes[len(truth) :]
    size = len(classes)
    # Counted, not asked of scikit-learn: a thousand resamples of a figure take a tenth of the time.
    hits = np.bincount(right[right == given], minlength=size)
    both = np.bincount(right, minlength=size) + np.bincount(given, minlength=size)
    return float(np.mean(2 * hits / both)) if size else float("nan")


def quadratic_kappa(truth: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """Agreement on levels beyond chance, a miss weighed by its square (Cohen 1968).

    1 − the mean square of the misses over the one that chance would give: if truth and prediction
    kept their levels and were paired at random. NaN where both are always the same level.
    """
    chance = np.var(truth) + np.var(found) + (np.mean(truth) - np.mean(found)) ** 2
    return float(1 - np.mean((truth - found) ** 2) / chance) if chance else float("nan")


def accuracy(truth: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """Share of equal rows."""
    return float(np.mean(truth == found))


def recall(truth: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """Share of the positive rows that were found; NaN without positive rows."""
    return float(np.mean(found[truth == 1])) if (truth == 1).any() else float("nan")


def precision(truth: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """Share of the found rows that are positive; NaN if none was found."""
    return float(np.mean(truth[found == 1])) if (found == 1).any() else float("nan")


def average_precision(truth: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """Mean of the precision over the recall, as the threshold falls; NaN without positive rows.

    Σ (Rₙ − Rₙ₋₁) Pₙ over the distinct values of what was found.

    Args:
        truth: 1 for a positive row, else 0, (rows,).
        found: How strongly it was found to be one, (rows,).
    """
    if not (truth == 1).any():
        return float("nan")
    order = np.argsort(-found, kind="stable")
    # Rows of the same value pass the threshold together.
    last = np.flatnonzero(np.diff(found[order], append=-np.inf))
    hits = np.cumsum(truth[order])[last]
    return float(np.sum(np.diff(hits, prepend=0) * hits / (last + 1)) / hits[-1])


def spread(measure: Measure, truth: Sequence[float], runs: Sequence[Sequence[float]]) -> Figure:
    """Mean of a measure over repetitions, with the 2.5th and 97.5th percentile of them.

    Args:
        measure: Takes truth and prediction, both (rows,).
        truth: What is right, the same in all repetitions.
        runs: What was predicted in each.
    """
    right = np.asarray(truth, dtype=float)
    values = [measure(right, np.asarray(found, dtype=float)) for found in runs]
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return Figure(float(np.nanmean(values)), float(low), float(high), len(right))
