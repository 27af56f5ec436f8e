"""How many of those who need a person get one, the threshold chosen on other rows."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from finetune.complaint_labels import LabelledComplaint
from finetune.measures import Figure, precision, recall, spread
from finetune.thresholds import choose_severity
from nlu.classifier import Classifier
from tickets.triage import by_words

FOLDS = 5
REPEATS = 20


def cross_validated_escalation(
    classifier: Classifier,
    rows: Sequence[LabelledComplaint],
    beside: Sequence[LabelledComplaint] = (),
) -> dict[str, Figure]:
    """Recall and precision of `escalate` over all labelled rows.

    The adapter has never seen the rows; the threshold is chosen on four fifths of them and used on
    the last, twenty times over with other fifths.

    Args:
        classifier: The adapter.
        rows: All complaint labels.
        beside: Other rows that it has not seen, on which thresholds are chosen too.

    Returns:
        The mean over the repetitions, with the 2.5th and 97.5th percentile of them.
    """
    known = _rated(classifier, rows)
    others = _rated(classifier, beside)
    runs = [_decided(known, others, seed) for seed in range(REPEATS)]
    truth = [float(row.escalate) for row in known]
    return {
        "escalate recall": spread(recall, truth, runs),
        "escalate precision": spread(precision, truth, runs),
    }


@dataclass(frozen=True)
class Rated:
    """A row with what decides on it."""

    escalate: bool
    spoken: bool
    severity: float


def _rated(classifier: Classifier, rows: Sequence[LabelledComplaint]) -> list[Rated]:
    known = [row for row in rows if row.escalate is not None]
    scores = classifier.score([row.text for row in known])
    return [
        # A message that does not feel negative is not escalated by its score, however severe.
        Rated(
            bool(row.escalate),
            by_words(row.text, None) is not None,
            score.severity if score.polarity == "negative" else 0.0,
        )
        for row, score in zip(known, scores, strict=True)
    ]


def _decided(known: Sequence[Rated], beside: Sequence[Rated], seed: int) -> list[float]:
    places = list(range(len(known)))
    random.Random(seed).shuffle(places)  # noqa: S311 - no secret
    found = [0.0] * len(known)
    for fold in range(FOLDS):
        held = set(places[fold::FOLDS])
        rest = [known[place] for place in places if place not in held]
        # What a phrase escalates, no threshold decides.
        choosing = [row for row in (*rest, *beside) if not row.spoken]
        cut = choose_severity([r.severity for r in choosing], [r.escalate for r in choosing])
        for place in held:
            found[place] = float(known[place].spoken or known[place].severity >= cut)
    return found
