"""How many fewer labels are needed when messages are suggested instead of drawn at random.

An experiment on messages whose labels are known but handed out only when asked for. Vectors are
frozen and computed once, so that hundreds of small models cost seconds.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from finetune.measures import macro_f1
from finetune.samples import DataError, Sample
from finetune.suggest import Vectors, entropy, select

Labels = NDArray[np.float64]
Choice = Callable[[Vectors, Vectors, int, np.random.Generator], Sequence[int]]
"""From vectors and uncertainty of the unlabelled rows and a number: which rows to label."""

RESAMPLES = 1000
QUARTERS = 4


@dataclass(frozen=True)
class Pool:
    """Messages to learn from and messages to measure on.

    Attributes:
        vectors: (rows, width).
        labels: (rows,), a class each.
        test_vectors: (test rows, width).
        test_labels: (test rows,).
        c: How freely a model follows its labels, scikit-learn's C; the one that serves random
            choice best on training rows, lest it be a straw man: 1 for complaint_tweets.
    """

    vectors: Vectors
    labels: Labels
    test_vectors: Vectors
    test_labels: Labels
    c: float = 1.0


@dataclass(frozen=True)
class Saving:
    """How many labels it takes to reach a score.

    Attributes:
        score: Macro-F1, the mean over the seeds that random choice ends a stretch with.
        random: Labels that random choice takes to reach it first.
        suggested: Labels that suggestions take; infinite where they never reach it.
        low: 2.5th percentile of the share saved, over bootstrap resamples of the seeds.
        high: 97.5th percentile.
    """

    score: float
    random: float
    suggested: float
    low: float
    high: float

    @property
    def share(self) -> float:
        """Share of the labels that is saved; negative where random choice is better."""
        return _share(self.random, self.suggested)


@dataclass(frozen=True)
class Curve:
    """Macro-F1 by number of labels.

    Attributes:
        labels: How many labels each point has, (points,).
        random: Scores with messages drawn at random, (seeds, points).
        suggested: Scores with messages chosen by `finetune.suggest`, (seeds, points).
        everything: Score with all labels of the pool.
        pool: Rows of the pool.
        test: Rows that the scores are measured on.
    """

    labels: NDArray[np.int_]
    random: NDArray[np.float64]
    suggested: NDArray[np.float64]
    everything: float
    pool: int
    test: int


def learning_curve(
    pool: Pool, start: int = 20, step: int = 20, steps: int = 24, seeds: int = 30
) -> Curve:
    """Learn from ever more labels, suggested or drawn at random, and measure after each step.

    Both begin with the same random messages, of two classes at least.

    Args:
        pool: What to learn from and to measure on.
        start: Labels at the start, at least 2.
        step: Labels added at each step.
        steps: How often.
        seeds: How often all of it is repeated, each time with another start.

    Raises:
        DataError: the pool has only one class, or fewer rows than labels are asked for.
    """
    _check(pool, start, start + step * steps)
    sizes = np.arange(steps + 1) * step + start
    return Curve(
        labels=sizes,
        random=np.array([_scores(pool, sizes, seed, _at_random) for seed in range(seeds)]),
        suggested=np.array([_scores(pool, sizes, seed, _suggested) for seed in range(seeds)]),
        everything=_score(_fit(pool, np.arange(len(pool.labels))), pool),
        pool=len(pool.labels),
        test=len(pool.test_labels),
    )


def pool_of(
    samples: Iterable[Sample], head: str, encode: Callable[[Sequence[str]], Vectors]
) -> Pool:
    """The pool that samples make: those of the test split are measured on, the others learnt from.

    Args:
        samples: Those without a label of the head are left out; of equal texts all but the first.
        head: Whose labels are learnt.
        encode: Vectors of messages, (messages, width).

    Raises:
        DataError: there is nothing to learn from or nothing to measure on.
    """
    known = {sample.text: sample for sample in reversed(list(samples)) if head in sample.labels}
    rows = list(known.values())
    test = np.array([sample.split == "test" for sample in rows], dtype=bool)
    if not test.any() or test.all():
        raise DataError(
            f"expected samples of {head} to learn from and others for the test, found "
            f"{(~test).sum()} and {test.sum()}. Give a larger label file."
        )
    vectors = np.asarray(encode([sample.text for sample in rows]))
    labels = np.array([sample.labels[head] for sample in rows])
    return Pool(vectors[~test], labels[~test], vectors[test], labels[test])


def savings(curve: Curve) -> list[Saving]:
    """What suggestions save at each quarter of random choice's way."""
    last = len(curve.labels) - 1
    return [_saving(curve, last * part // QUARTERS) for part in range(1, QUARTERS + 1)]


def _saving(curve: Curve, point: int) -> Saving:
    seeds = len(curve.random)
    draws = np.random.default_rng(0).integers(0, seeds, (RESAMPLES, seeds))
    shares = [_share(*_needed(curve, rows, point)) for rows in draws]
    low, high = np.percentile(shares, [2.5, 97.5], method="nearest")
    random, suggested = _needed(curve, np.arange(seeds), point)
    score = float(curve.random.mean(0)[point])
    return Saving(score, random, suggested, float(low), float(high))


def _needed(curve: Curve, seeds: NDArray[np.int_], point: int) -> tuple[float, float]:
    """Labels that each choice takes to reach random choice's score at a point."""
    random, suggested = curve.random[seeds].mean(0), curve.suggested[seeds].mean(0)
    target = float(random[point])
    return reached(curve.labels, random, target), reached(curve.labels, suggested, target)


def reached(labels: NDArray[np.int_], scores: Vectors, target: float) -> float:
    """How many labels it takes to reach a score first, between two points on a straight line.

    Args:
        labels: Rising, (points,).
        scores: At these numbers of labels, (points,).
        target: The score to reach.

    Returns:
        Labels; infinity where the score is never reached.
    """
    above = np.flatnonzero(scores >= target)
    if not len(above):
        return float("inf")
    right = int(above[0])
    left = max(right - 1, 0)
    ends = slice(left, right + 1)
    return float(np.interp(target, scores[ends], labels[ends]))


def _share(random: float, suggested: float) -> float:
    return 1 - suggested / random


def markdown(curve: Curve) -> str:
    """The curve as Markdown: scores with their spread over the seeds, then what is saved."""
    lines = [
        f"Macro-F1 on {curve.test} test rows, mean ± standard deviation over {len(curve.random)} "
        f"seeds; with all {curve.pool} labels {curve.everything:.3f}.",
        "",
        "| labels | random | suggested |",
        "| --- | --- | --- |",
        *map(_row, curve.labels, curve.random.T, curve.suggested.T),
        "",
        "| macro-F1 | labels, random | labels, suggested | fewer (95 % interval over seeds) |",
        "| --- | --- | --- | --- |",
        *map(_saving_row, savings(curve)),
    ]
    return "\n".join(lines) + "\n"


def _row(labels: int, random: Vectors, suggested: Vectors) -> str:
    cells = [f"{scores.mean():.3f} ± {scores.std():.3f}" for scores in (random, suggested)]
    return f"| {labels} | {' | '.join(cells)} |"


def _saving_row(saving: Saving) -> str:
    suggested = f"{saving.suggested:.0f}" if np.isfinite(saving.suggested) else "never"
    spread = f"{_per_cent(saving.low)} – {_per_cent(saving.high)}"
    return (
        f"| {saving.score:.3f} | {saving.random:.0f} | {suggested} | "
        f"{_per_cent(saving.share)} ({spread}) |"
    )


def _per_cent(share: float) -> str:
    return f"{share:.0%}" if np.isfinite(share) else "never reached"


def _scores(pool: Pool, sizes: NDArray[np.int_], seed: int, choose: Choice) -> list[float]:
    rng = np.random.default_rng(seed)
    labelled = _start(pool.labels, int(sizes[0]), rng)
    scores = [_score(_fit(pool, labelled), pool)]
    for more in np.diff(sizes):
        rest = np.setdiff1d(np.arange(len(pool.labels)), labelled)
        uncertainty = entropy(_fit(pool, labelled).predict_proba(pool.vectors[rest]))
        chosen = choose(pool.vectors[rest], uncertainty, int(more), rng)
        labelled = np.append(labelled, rest[chosen])
        scores.append(_score(_fit(pool, labelled), pool))
    return scores


def _start(labels: Labels, number: int, rng: np.random.Generator) -> NDArray[np.int_]:
    order = rng.permutation(len(labels))
    rows: NDArray[np.int_] = order[:number]
    if len(set(labels[rows].tolist())) == 1:
        rows[-1] = order[labels[order] != labels[order[0]]][0]
    return rows


def _at_random(
    vectors: Vectors, uncertainty: Vectors, number: int, rng: np.random.Generator
) -> Sequence[int]:
    rows: list[int] = rng.choice(len(vectors), number, replace=False).tolist()
    return rows


def _suggested(
    vectors: Vectors, uncertainty: Vectors, number: int, rng: np.random.Generator
) -> Sequence[int]:
    return select(vectors, uncertainty, number)


def _fit(pool: Pool, rows: NDArray[np.int_]) -> LogisticRegression:
    model = LogisticRegression(C=pool.c, class_weight="balanced", max_iter=1000)
    return model.fit(pool.vectors[rows], pool.labels[rows])


def _score(model: LogisticRegression, pool: Pool) -> float:
    return macro_f1(pool.test_labels, model.predict(pool.test_vectors))


def _check(pool: Pool, start: int, wanted: int) -> None:
    kinds, rows = len(set(pool.labels.tolist())), len(pool.labels)
    if kinds < 2:  # noqa: PLR2004 - one class teaches nothing
        raise DataError(
            f"expected labels of two or more kinds for a learning curve, found {kinds}. "
            "Add messages of another kind."
        )
    if not 2 <= start <= wanted <= rows:  # noqa: PLR2004 - the start has two classes
        raise DataError(
            f"expected from 2 labels at the start to {rows}, the rows of the pool, at the end, "
            f"found {start} to {wanted}. Ask for other numbers of labels."
        )
