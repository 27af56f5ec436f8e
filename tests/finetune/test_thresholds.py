"""Thresholds on cases small enough to see the right answer."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from finetune.complaint_labels import LabelledComplaint, of_validation
from finetune.samples import DataError, Sample, Split
from finetune.thresholds import (
    PRECISION,
    choose_category_limits,
    choose_severity,
    choose_thresholds,
)
from nlu.assessment import OTHER
from nlu.categories import Similarities, decide


@pytest.mark.parametrize(
    ("severities", "escalate", "threshold"),
    [
        # Clear cut: midway between the last kept and the first left out.
        ([0.9, 0.8, 0.3, 0.1], [True, True, False, False], 0.55),
        # One mild message more is worth the furious one below it: three of four are enough.
        ([0.9, 0.8, 0.5, 0.4, 0.1], [True, True, False, True, False], 0.25),
        # Not at any price: five mild ones are too many.
        ([0.9, 0.8, 0.7, *[0.5] * 9, 0.4], [True, True, True, *[False] * 9, True], 0.6),
        # Ties: equal severities are kept or left out together.
        ([0.6, 0.6, 0.6, 0.2], [True, True, False, False], 0.4),
        # Everything is urgent: nothing is below, so the least one is the threshold.
        ([0.7, 0.5], [True, True], 0.5),
        ([0.5], [True], 0.5),
        # The order of the messages does not matter.
        ([0.1, 0.8, 0.3, 0.9], [False, True, False, True], 0.55),
    ],
)
def test_severity(severities: list[float], escalate: list[bool], threshold: float) -> None:
    assert choose_severity(severities, escalate) == pytest.approx(threshold)


def precision_and_recall(
    threshold: float, severities: Sequence[float], escalate: Sequence[bool]
) -> tuple[float, float]:
    kept = [
        urgent for value, urgent in zip(severities, escalate, strict=True) if value >= threshold
    ]
    return sum(kept) / len(kept), sum(kept) / sum(escalate)


@pytest.mark.parametrize("seed", range(20))
def test_no_other_severity_is_better(seed: int) -> None:
    draw = random.Random(seed)
    severities = [round(draw.random(), 1) for _ in range(40)]
    escalate = [draw.random() < value for value in severities]
    chosen = choose_severity(severities, escalate)
    options = [precision_and_recall(cut, severities, escalate) for cut in severities]
    precision, recall = precision_and_recall(chosen, severities, escalate)
    assert precision >= PRECISION
    assert recall == max(found for enough, found in options if enough >= PRECISION)


def test_where_none_is_precise_enough_the_most_precise_is_taken() -> None:
    assert choose_severity([0.9, 0.8, 0.7], [False, True, False]) == pytest.approx(0.75)


def near(category: str, similarity: float, other: float) -> Similarities:
    return Similarities({"a": -0.5, "b": -0.5} | {category: similarity}, other)


def right(items: Sequence[Similarities], names: Sequence[str], **limits: float) -> dict[str, int]:
    thresholds = choose_category_limits(items, names, "enc").model_copy(update=limits)
    found = [decide(item, thresholds).category for item in items]
    hits = [name for name, got in zip(names, found, strict=True) if name == got]
    return {"named": len(hits) - hits.count(OTHER), "other": hits.count(OTHER)}


def test_limits_tell_other_by_similarity() -> None:
    items = [near("a", 0.5, 0.0), near("b", 0.4, 0.0), near("a", 0.1, 0.0), near("b", 0.05, 0.0)]
    names = ["a", "b", OTHER, OTHER]
    assert right(items, names) == {"named": 2, "other": 2}


def test_limits_tell_other_by_margin_where_similarity_cannot() -> None:
    items = [near("a", 0.3, 0.0), near("b", 0.3, 0.1), near("a", 0.3, 0.4), near("b", 0.3, 0.5)]
    names = ["a", "b", OTHER, OTHER]
    assert right(items, names) == {"named": 2, "other": 2}


def test_limits_keep_the_named_ones_before_they_find_other() -> None:
    """All 9 of `other` could be found at the price of 2 of 10 named ones: too dear."""
    items = [near("a", 0.5, 0.0)] * 8 + [near("a", 0.1, 0.0)] * 2 + [near("a", 0.2, 0.0)] * 9
    names = ["a"] * 10 + [OTHER] * 9
    assert right(items, names) == {"named": 10, "other": 0}


def test_wrongly_named_ones_are_no_reason_to_keep() -> None:
    """They are wrong with any limits; of them all may go."""
    items = [near("a", 0.5, 0.0)] * 5 + [near("a", 0.1, 0.0)] * 5 + [near("a", 0.2, 0.0)] * 5
    names = ["a"] * 5 + ["b"] * 5 + [OTHER] * 5
    assert right(items, names) == {"named": 5, "other": 5}


def test_limits_remember_their_encoder_and_set_no_severity() -> None:
    chosen = choose_category_limits([near("a", 0.3, 0.0), near("b", 0.1, 0.2)], ["a", OTHER], "enc")
    assert (chosen.encoder, chosen.severity) == ("enc", 1.0)


def test_limits_with_ties_everywhere() -> None:
    items = [near("a", 0.3, 0.1)] * 4
    assert right(items, ["a", "a", OTHER, "a"]) == {"named": 3, "other": 0}


class Nobody:
    """Stands where a model would be: it must not be asked."""


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [LabelledComplaint("1", "a", "tune", None, None, None, True)],
        [LabelledComplaint("1", "a", "tune", "delivery", None, None, None)],
    ],
    ids=["nothing", "no categories", "no escalate"],
)
def test_too_few_labels_are_refused(rows: list[LabelledComplaint], data: Path) -> None:
    with pytest.raises(DataError, match=r"complaint_labels.csv: expected .* found too few"):
        choose_thresholds(Nobody(), Nobody(), rows, "enc")  # type: ignore[arg-type]


def sample(text: str, split: Split, **labels: float) -> Sample:
    return Sample(text, "tweets" if text != "own" else "own", text, split, labels)


def test_validation_rows_of_the_named_sources_help_to_choose() -> None:
    samples = [
        sample("furious", "validation", escalate=1.0),
        sample("calm", "validation", escalate=0.0, complaint=1.0),
        sample("unlabelled", "validation", complaint=1.0),
        sample("learnt", "train", escalate=1.0),
        sample("tested", "test", escalate=1.0),
        sample("own", "validation", escalate=1.0),
    ]
    found = of_validation(samples, ["tweets"])
    assert [(row.text, row.escalate) for row in found] == [("furious", True), ("calm", False)]
    assert not of_validation(samples, [])
