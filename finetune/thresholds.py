"""Chooses thresholds on labelled messages; nothing here is ever reported on the same messages."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve

from finetune.complaint_labels import LabelledComplaint, refuse_too_few
from nlu.assessment import OTHER
from nlu.categories import CategoryFinder, Similarities
from nlu.classifier import Classifier
from nlu.manifest import Thresholds
from tickets.triage import by_words

PRECISION = 0.75
"""So many of the messages that go to a person should need one: with fewer, agents stop looking."""

CATEGORY_STEPS = 60


def choose_severity(severities: Sequence[float], escalate: Sequence[bool]) -> float:
    """The severity threshold with the best recall at a precision of at least `PRECISION`.

    Args:
        severities: Severity of each message, 0…1.
        escalate: Whether a person should see it.

    Returns:
        A threshold in 0…1, midway between the last severity kept and the next one below, so that
        it does not sit on one message. Where no threshold is precise enough, the most precise one.
    """
    precision, recall, cuts = precision_recall_curve(escalate, severities)
    enough = np.minimum(precision[:-1], PRECISION)
    best = float(cuts[np.lexsort((recall[:-1], enough))[-1]])
    below = [value for value in severities if value < best]
    return (best + max(below, default=best)) / 2


def choose_category_limits(
    similarities: Sequence[Similarities], categories: Sequence[str], encoder: str
) -> Thresholds:
    """The limits that find the most `other` messages at no cost to the named ones.

    A complaint taken for `other` misses its team, small talk taken for a complaint only gets an
    odd answer: of the limits that lose no rightly named message, the ones with the best recall of
    `other`.

    Args:
        similarities: Of each message to each category.
        categories: The right category of each message, or `other`.
        encoder: The encoder that the similarities come from.
    """
    ranked = [item.ranked[0] for item in similarities]
    closest = np.array([best for _, best in ranked])
    margins = closest - [item.other for item in similarities]
    named = np.array([name == right for (name, _), right in zip(ranked, categories, strict=True)])
    other = np.array([right == OTHER for right in categories])
    least, gaps = _grid(closest), _grid(margins)
    # Axes: least similarity, margin, message.
    passed = (closest >= least[:, None, None]) & (margins >= gaps[:, None])
    kept = (passed & named).sum(axis=2)
    found = np.where(kept == kept.max(), (~passed & other).sum(axis=2), -1)
    best, gap = np.unravel_index(found.argmax(), found.shape)
    return Thresholds(
        severity=1.0, similarity=float(least[best]), margin=float(gaps[gap]), encoder=encoder
    )


def choose_thresholds(
    classifier: Classifier, finder: CategoryFinder, tune: Iterable[LabelledComplaint], encoder: str
) -> Thresholds:
    """Choose all thresholds.

    Args:
        classifier: Scores the rows.
        finder: Finds their categories.
        tune: The tune half of the complaint labels, and what else was not learnt from.
        encoder: The finder's.

    Raises:
        DataError: the labels hold no escalation, or no category.
    """
    tune = list(tune)
    refuse_too_few(tune)
    # What a phrase escalates, no threshold decides.
    urgent = [row for row in tune if row.escalate is not None and not by_words(row.text, None)]
    severity = choose_severity(
        [scores.severity for scores in classifier.score([row.text for row in urgent])],
        [bool(row.escalate) for row in urgent],
    )
    named = [row for row in tune if row.category is not None]
    limits = choose_category_limits(
        finder.similarities([row.text for row in named]),
        [row.category or OTHER for row in named],
        encoder,
    )
    return limits.model_copy(update={"severity": severity})


def _grid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.quantile(values, np.linspace(0, 1, CATEGORY_STEPS))
