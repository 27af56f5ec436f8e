from dataclasses import replace

import numpy as np
import pytest

from finetune.learning_curve import (
    Curve,
    Pool,
    learning_curve,
    markdown,
    pool_of,
    reached,
    savings,
)
from finetune.samples import DataError, Sample

SEEDS = 4


@pytest.fixture(scope="module")
def pool():
    """Two classes: most rows stand far from the border between them, in copies; few at it."""
    rng = np.random.default_rng(0)
    easy = rng.normal([[3, 0, 0]], 0.05, (150, 3)) * rng.choice([-1, 1], (150, 1))
    hard = np.c_[rng.normal(0, 0.5, 50), np.ones(50), rng.normal(0, 1, 50)]
    vectors = np.r_[easy, hard]
    labels = (vectors[:, 0] + vectors[:, 2] > 0).astype(float)
    test = np.c_[rng.normal(0, 0.5, 300), np.ones(300), rng.normal(0, 1, 300)]
    return Pool(vectors, labels, test, (test[:, 0] + test[:, 2] > 0).astype(float))


@pytest.fixture(scope="module")
def curve(pool):
    return learning_curve(pool, start=4, step=4, steps=6, seeds=SEEDS)


def test_both_choices_start_from_the_same_labels(curve):
    assert curve.labels.tolist() == [4, 8, 12, 16, 20, 24, 28]
    assert curve.random.shape == curve.suggested.shape == (SEEDS, 7)
    assert (curve.random[:, 0] == curve.suggested[:, 0]).all()
    assert len(set(curve.random[:, 0])) > 1
    assert (curve.pool, curve.test) == (200, 300)


def test_suggestions_win_where_few_messages_teach_anything(curve):
    assert curve.suggested[:, -1].mean() > curve.random[:, -1].mean() + 0.02
    saving = savings(curve)[-1]
    assert saving.share > 0.2
    assert saving.low <= saving.share <= saving.high


def test_curve_is_the_same_each_time(pool, curve):
    again = learning_curve(pool, start=4, step=4, steps=6, seeds=SEEDS)
    assert np.array_equal(again.random, curve.random)
    assert np.array_equal(again.suggested, curve.suggested)


def test_all_labels_at_the_end_make_both_choices_equal(pool):
    small = replace(pool, vectors=pool.vectors[:40], labels=pool.labels[:40])
    curve = learning_curve(small, start=10, step=15, steps=2, seeds=2)
    assert curve.random[:, -1] == pytest.approx(curve.suggested[:, -1])
    assert curve.random[:, -1] == pytest.approx([curve.everything] * 2)


def test_start_has_two_classes_however_rare_one_is(pool):
    labels = np.zeros(len(pool.labels))
    labels[7] = 1
    curve = learning_curve(replace(pool, labels=labels), start=2, step=1, steps=1, seeds=3)
    assert np.isfinite(curve.random).all()


@pytest.mark.parametrize(
    ("target", "labels"),
    [(0.5, 10), (0.4, 10), (0.6, 15), (0.7, 20), (0.75, 35), (0.8, 40), (0.9, float("inf"))],
)
def test_labels_to_reach_a_score_first(target, labels):
    found = reached(np.array([10, 20, 30, 40]), np.array([0.5, 0.7, 0.7, 0.8]), target)
    assert found == pytest.approx(labels)


def straight(random, suggested):
    """A curve whose scores are the same for each seed."""
    return Curve(
        labels=np.array([10, 20, 30, 40, 50]),
        random=np.array([random] * 3),
        suggested=np.array([suggested] * 3),
        everything=0.9,
        pool=100,
        test=80,
    )


def test_savings_are_told_at_each_quarter():
    found = savings(straight([0.5, 0.6, 0.7, 0.75, 0.8], [0.5, 0.7, 0.8, 0.8, 0.8]))
    assert [saving.score for saving in found] == pytest.approx([0.6, 0.7, 0.75, 0.8])
    assert [saving.random for saving in found] == pytest.approx([20, 30, 40, 50])
    assert [saving.suggested for saving in found] == pytest.approx([15, 20, 25, 30])
    assert found[-1].share == pytest.approx(0.4)


def test_markdown_tells_scores_spread_and_savings_even_of_a_defeat():
    curve = straight([0.5, 0.6, 0.7, 0.75, 0.8], [0.5, 0.55, 0.6, 0.65, 0.7])
    assert markdown(curve).splitlines() == [
        "Macro-F1 on 80 test rows, mean ± standard deviation over 3 seeds; with all 100 labels "
        "0.900.",
        "",
        "| labels | random | suggested |",
        "| --- | --- | --- |",
        "| 10 | 0.500 ± 0.000 | 0.500 ± 0.000 |",
        "| 20 | 0.600 ± 0.000 | 0.550 ± 0.000 |",
        "| 30 | 0.700 ± 0.000 | 0.600 ± 0.000 |",
        "| 40 | 0.750 ± 0.000 | 0.650 ± 0.000 |",
        "| 50 | 0.800 ± 0.000 | 0.700 ± 0.000 |",
        "",
        "| macro-F1 | labels, random | labels, suggested | fewer (95 % interval over seeds) |",
        "| --- | --- | --- | --- |",
        "| 0.600 | 20 | 30 | -50% (-50% – -50%) |",
        "| 0.700 | 30 | 50 | -67% (-67% – -67%) |",
        "| 0.750 | 40 | never | never reached (never reached – never reached) |",
        "| 0.800 | 50 | never | never reached (never reached – never reached) |",
    ]


def test_pool_of_one_class_is_refused(pool):
    with pytest.raises(DataError) as raised:
        learning_curve(replace(pool, labels=np.ones(len(pool.labels))))
    assert str(raised.value) == (
        "expected labels of two or more kinds for a learning curve, found 1. "
        "Add messages of another kind."
    )


@pytest.mark.parametrize(("start", "step", "end"), [(1, 1, 2), (2, 199, 201)])
def test_numbers_of_labels_that_the_pool_has_not_are_refused(pool, start, step, end):
    with pytest.raises(DataError) as raised:
        learning_curve(pool, start=start, step=step, steps=1)
    assert str(raised.value) == (
        "expected from 2 labels at the start to 200, the rows of the pool, at the end, found "
        f"{start} to {end}. Ask for other numbers of labels."
    )


def sample(text, split, **labels):
    return Sample(text=text, source="own", key=text, split=split, labels=labels)


def test_pool_is_learnt_from_all_but_the_test_each_text_once():
    samples = [
        sample("a", "train", complaint=1.0),
        sample("a", "train", complaint=0.0),
        sample("bb", "validation", complaint=0.0),
        sample("ccc", "test", complaint=1.0),
        sample("dddd", "train", valence=0.3),
    ]
    pool = pool_of(samples, "complaint", lambda texts: np.array([[len(text)] for text in texts]))
    learnt = dict(zip(pool.vectors[:, 0].tolist(), pool.labels.tolist(), strict=True))
    assert learnt == {1: 1.0, 2: 0.0}
    assert (pool.test_vectors.tolist(), pool.test_labels.tolist()) == ([[3]], [1.0])


@pytest.mark.parametrize(("split", "found"), [("train", "1 and 0"), ("test", "0 and 1")])
def test_samples_of_one_side_only_are_refused(split, found):
    with pytest.raises(DataError, match=f"for the test, found {found}. Give a larger label file."):
        pool_of([sample("a", split, complaint=1.0)], "complaint", np.array)
