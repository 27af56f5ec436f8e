"""Figures against values worked out by hand."""

import math

import numpy as np
import pytest

from finetune.measures import (
    RESAMPLES,
    Figure,
    Measure,
    accuracy,
    figure,
    macro_f1,
    pearson,
    precision,
    recall,
)

TRUTH = [1, 1, 1, 0, 0, 0, 0, 0]
FOUND = [1, 1, 0, 1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        (accuracy, 6 / 8),
        (recall, 2 / 3),
        (precision, 2 / 3),
        # F1 of the positive class is 2/3, of the negative one 4/5.
        (macro_f1, (2 / 3 + 4 / 5) / 2),
    ],
)
def test_values_by_hand(measure: Measure, value: float) -> None:
    assert figure(measure, TRUTH, FOUND).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("found", "value"),
    [([1, 2, 3, 4], 1.0), ([8, 6, 4, 2], -1.0), ([10, 20, 20, 30], 3 / math.sqrt(10))],
)
def test_pearson_by_hand(found: list[float], value: float) -> None:
    assert pearson(np.array([1.0, 2, 3, 4]), np.array(found, float)) == pytest.approx(value)


@pytest.mark.parametrize(
    ("measure", "truth", "found"), [(recall, [0, 0], [1, 0]), (precision, [1, 0], [0, 0])]
)
def test_no_value_is_nan_not_a_guess(
    measure: Measure, truth: list[float], found: list[float]
) -> None:
    assert math.isnan(measure(np.array(truth), np.array(found)))


@pytest.mark.parametrize("measure", [accuracy, recall, precision, macro_f1, pearson])
def test_the_interval_holds_the_value_and_is_seeded(measure: Measure) -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 2, 200)
    found = np.where(rng.random(200) < 0.8, truth, 1 - truth)
    first, second = (figure(measure, list(truth), list(found)) for _ in range(2))
    assert first == second
    assert first.low < first.value < first.high
    assert first.rows == 200


def test_more_rows_narrow_the_interval() -> None:
    few, many = (figure(accuracy, [1] * n, [1, 1, 1, 0] * (n // 4)) for n in (40, 4000))
    assert many.high - many.low < (few.high - few.low) / 5
    # Normal approximation: 2 · 1.96 · √(0.75 · 0.25 / 40) = 0.27.
    assert few.high - few.low == pytest.approx(0.27, abs=0.04)


def test_resamples_without_a_positive_row_are_left_out() -> None:
    truth, found = [1, 0, 0, 0], [1, 0, 0, 0]
    rare = figure(recall, truth, found)
    assert (rare.value, rare.low, rare.high) == (1, 1, 1)
    assert RESAMPLES >= 1000


def test_no_rows_is_said_not_raised() -> None:
    nothing = figure(accuracy, [], [])
    assert nothing.rows == 0
    assert all(math.isnan(x) for x in (nothing.value, nothing.low, nothing.high))


def test_in_words() -> None:
    assert str(Figure(0.5, 0.25, 0.75, 12)) == "0.500 (0.250-0.750, n = 12)"
