"""Makes probabilities mean what they say, and measures how far they do."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from torch import Tensor
from torch.nn import functional

from finetune.samples import Sample
from nlu.classifier import Classifier
from nlu.heads import NAMED, HeadKind, level_probs

FEWEST_ROWS = 50
"""On fewer rows a scale is mostly chance."""

COLDEST, HOTTEST = 0.05, 20.0
SPREAD = 2.0
"""Standard deviation of the shifts that are expected, in logits."""

MARGIN = 0.01
BINS = 10
LEAST = 1e-9
DRAWS = 200


@dataclass(frozen=True)
class Bin:
    """Rows of like confidence.

    Attributes:
        confidence: Mean of what was said, 0…1.
        share: Of the rows on which it was so, 0…1.
        rows: How many.
    """

    confidence: float
    share: float
    rows: int


@dataclass(frozen=True)
class Scale:
    """What makes the logits of one head mean what they say: logits / temperature + shift.

    Attributes:
        temperature: Above 0.
        shift: For each output.
    """

    temperature: float
    shift: tuple[float, ...]


def fit_scales(classifier: Classifier, samples: Sequence[Sample]) -> dict[str, Scale]:
    """Find what the logits of each head are to be divided by, and what is then added.

    Args:
        classifier: A trained adapter; the scales that it may have are passed over.
        samples: Of the validation split.

    Returns:
        By head; none for a regression, for a head with fewer than `FEWEST_ROWS` rows, nor for one
        that is right on all of them: then ever surer is ever better, as it is on rows that were
        trained on, and they say nothing of others.
    """
    found: dict[str, Scale] = {}
    for head, spec in classifier.manifest.heads.items():
        rows = [sample for sample in samples if head in sample.labels]
        if spec.kind == "regression" or len(rows) < FEWEST_ROWS:
            continue
        logits = classifier.logits([row.text for row in rows])[head]
        scale = fit_scale(spec.kind, logits, [row.labels[head] for row in rows])
        if scale.temperature > COLDEST * (1 + MARGIN):
            found[head] = scale
    return found


def fit_scale(kind: HeadKind, logits: Tensor, truth: Sequence[float]) -> Scale:
    """The scale at which these labels are likeliest.

    Bias-corrected temperature scaling (Alexandari et al. 2020, https://arxiv.org/abs/1901.06852,
    section 3): one temperature (Guo et al. 2017, https://arxiv.org/abs/1706.04599) and a shift of
    each output, since what is common in training need not be where the head is used. A weak
    prior (`SPREAD`) keeps the shift of a level that hardly any row has from running off. A
    probability is not shifted: on the validation rows of the default adapter, cross-validated,
    shifts made labels likelier for intensity (loss 0.723 to 0.648) and polarity (0.535 to 0.523),
    hardly for complaint and subjectivity (by 0.001 each), and less likely for escalate.

    Args:
        kind: Of the head; any but `regression`.
        logits: What it says, (rows, outputs).
        truth: Labels, (rows,): the index of a class or level, or a probability.
    """
    exact, labels = logits.double(), torch.tensor(truth, dtype=torch.double)

    # On a logarithmic scale: half as sure and twice as sure are as far from 1.
    def loss(values: Sequence[float]) -> float:
        shifts = torch.tensor(values[1:], dtype=torch.double)
        told = _negative_log_likelihood(kind, exact / math.exp(values[0]) + shifts, labels)
        return told + float((shifts**2).sum()) / (2 * SPREAD**2 * len(truth))

    limits, flat = (math.log(COLDEST), math.log(HOTTEST)), [0.0] * exact.shape[1]
    # The temperature first: from there the rest is a short way, and a head that is always right
    # shows by ending at the coldest.
    warm = minimize_scalar(lambda value: loss([value, *flat]), bounds=limits, method="bounded").x
    if kind not in NAMED:
        return Scale(math.exp(warm), tuple(flat))
    bounds = [limits, *[(None, None)] * len(flat)]
    best = minimize(loss, [warm, *flat], method="L-BFGS-B", bounds=bounds).x
    return Scale(math.exp(best[0]), tuple(map(float, best[1:])))


def _negative_log_likelihood(kind: HeadKind, logits: Tensor, truth: Tensor) -> float:
    if kind == "probability":
        return float(functional.binary_cross_entropy_with_logits(logits[:, 0], truth))
    if kind == "classes":
        return float(functional.cross_entropy(logits, truth.long()))
    # Where biases cross, a level has no probability at all.
    probs = level_probs(logits).clamp(min=LEAST)
    return float(functional.nll_loss(probs.log(), truth.long()))


def bins(probs: NDArray[np.float64], truth: NDArray[np.float64]) -> list[Bin]:
    """Sort rows by confidence into `BINS` bins of equal size (or one more in some).

    Args:
        probs: What was said to be how likely, (rows,).
        truth: Whether it was so, (rows,).
    """
    order = np.argsort(probs, kind="stable")
    parts = [rows for rows in np.array_split(order, BINS) if len(rows)]
    return [Bin(float(probs[p].mean()), float(truth[p].mean()), len(p)) for p in parts]


def expected_calibration_error(probs: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """How far what is said is from what is, as a mean over the rows: 0…1, 0 is best.

    Guo et al. 2017, eq. 3; with bins of equal size, so that none holds only a few rows by whose
    chance it is judged.

    Args:
        probs: What was said to be how likely, (rows,).
        truth: Whether it was so, (rows,).
    """
    found = bins(probs, truth)
    total = sum(one.rows for one in found)
    return sum(one.rows / total * abs(one.confidence - one.share) for one in found)


def error_by_chance(probs: NDArray[np.float64]) -> float:
    """The calibration error that these probabilities would show if they were exactly right.

    The mean over `DRAWS` draws of the truth from them, with a fixed seed: what is left of an error
    on few rows, however good the probabilities are.
    """
    rng = np.random.default_rng(0)
    draws = rng.random((DRAWS, len(probs))) < probs
    return float(np.mean([expected_calibration_error(probs, draw.astype(float)) for draw in draws]))
