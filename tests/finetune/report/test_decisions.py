"""Decisions and measures against values worked out by hand."""

import numpy as np
import pytest

from finetune.measures import average_precision, quadratic_kappa
from finetune.report.classes import classes
from finetune.report.decisions import confidence, decided, figures_of
from finetune.report.rows import Rows, rows_of
from finetune.samples import Sample
from nlu.heads import HeadSpec

CLASSES = HeadSpec(kind="classes", labels=("bad", "so-so", "good"))
LEVELS = HeadSpec(kind="ordinal", labels=("weak", "medium", "strong"))
YES_NO = HeadSpec(kind="probability")
NUMBER = HeadSpec(kind="regression")


@pytest.mark.parametrize(
    ("spec", "outputs", "found"),
    [
        (CLASSES, [[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]], [2, 0]),
        # The likeliest level of the first is the last one; half of the probability is below it.
        (LEVELS, [[0.3, 0.25, 0.45], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]], [1, 0, 2]),
        (YES_NO, [[0.5], [0.49]], [1, 0]),
        (NUMBER, [[0.3], [-1.0]], [0.3, -1.0]),
    ],
)
def test_what_is_decided(spec, outputs, found) -> None:
    assert decided(spec, np.array(outputs)).tolist() == found


def test_a_head_may_have_a_threshold_of_its_own() -> None:
    assert decided(YES_NO, np.array([[0.25], [0.15]]), cut=0.2).tolist() == [1, 0]


def test_how_sure_a_head_is_and_whether_it_is_so() -> None:
    outputs = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
    sure, right = confidence(CLASSES, outputs, np.array([2.0, 1.0]))
    assert (sure.tolist(), right.tolist()) == ([0.5, 0.6], [1, 0])
    sure, right = confidence(YES_NO, np.array([[0.2], [0.9]]), np.array([0.0, 1.0]))
    assert (sure.tolist(), right.tolist()) == ([0.2, 0.9], [0, 1])


@pytest.mark.parametrize(
    ("truth", "found", "value"),
    [
        ([0, 1, 2, 3], [0, 1, 2, 3], 1.0),
        ([0, 3], [3, 0], -1.0),
        # Misses of 1, 0, 0, 1: mean square 1/2. By chance 1/4 + 1/4 + 0: kappa 0.
        ([0, 0, 1, 1], [1, 0, 1, 0], 0.0),
        # One miss of 2 in four: 1. By chance 1.25 + 0.6875 + 0.25 = 2.1875.
        ([0, 1, 2, 3], [0, 1, 2, 1], 1 - 1 / (1.25 + 0.5 + 0.25)),
    ],
)
def test_weighted_kappa_by_hand(truth, found, value) -> None:
    assert quadratic_kappa(np.array(truth, float), np.array(found, float)) == pytest.approx(value)


def test_kappa_of_one_level_has_no_value() -> None:
    assert np.isnan(quadratic_kappa(np.zeros(3), np.zeros(3)))


def test_average_precision_by_hand() -> None:
    # From the top: right, wrong, two of which one is right. 1/2 · 1 + 1/2 · 2/4.
    value = average_precision(np.array([1.0, 0, 1, 0]), np.array([0.9, 0.8, 0.3, 0.3]))
    assert value == pytest.approx(0.75)
    assert np.isnan(average_precision(np.zeros(2), np.ones(2)))


def test_classes_are_counted_by_hand() -> None:
    truth, found = np.array([0, 0, 0, 1, 1, 2.0]), np.array([0, 0, 1, 1, 0, 1.0])
    table = classes("shop polarity", CLASSES.labels, truth, found)
    assert table.confusion == ((2, 1, 0), (1, 1, 0), (0, 1, 0))
    bad, middle, good = table.classes
    assert (bad.precision, bad.recall, bad.rows) == (pytest.approx(2 / 3), pytest.approx(2 / 3), 3)
    assert (middle.precision, middle.recall) == (pytest.approx(1 / 3), 0.5)
    assert middle.f1 == pytest.approx(0.4)
    assert np.isnan(good.precision)
    assert (good.recall, good.f1, good.rows) == (0.0, 0.0, 1)


def rows(spec: HeadSpec, truth: list[float]) -> Rows:
    texts = tuple(f"message {n}" for n in range(len(truth)))
    return Rows("shop", "head", spec, texts, np.array(truth, float))


def test_figures_are_named_by_source_head_and_measure() -> None:
    found = figures_of(rows(YES_NO, [1, 0, 1, 0]), lambda one: one.truth)
    assert {name: figure.value for name, figure in found.items()} == {
        "shop head macro-F1": 1.0,
        "shop head accuracy": 1.0,
    }
    assert figures_of(rows(YES_NO, [1, 0]), lambda _: None) == {}


@pytest.mark.parametrize(
    ("spec", "truth", "enough"),
    [
        (YES_NO, [0.0] * 15 + [1.0] * 5, True),
        (YES_NO, [0.0] * 16 + [1.0] * 4, False),
        (YES_NO, [0.0, 1.0] * 9 + [1.0], False),
        (CLASSES, [0.0] * 15 + [1.0, 1.0, 2.0, 2.0, 2.0], True),
        (NUMBER, [0.5] * 20, True),
        (NUMBER, [0.5] * 19, False),
    ],
)
def test_what_is_enough(spec, truth, enough) -> None:
    assert rows(spec, truth).enough is enough


def test_rows_of_the_test_split_by_source_and_head() -> None:
    samples = [
        Sample("one", "a", "1", "test", {"urgent": 0.7, "mood": 1.0}),
        Sample("two", "a", "2", "train", {"urgent": 1.0}),
        Sample("three", "b", "3", "test", {"urgent": 0.2}),
    ]
    found = rows_of(samples, {"urgent": YES_NO, "mood": NUMBER})
    assert [one.name for one in found] == ["a urgent", "a mood", "b urgent"]
    assert [one.texts for one in found] == [("one",), ("one",), ("three",)]
    # A probability as a label counts as what is likelier.
    assert [one.truth.tolist() for one in found] == [[1.0], [1.0], [0.0]]
