"""How many of those who need a person get one, the threshold chosen on other rows."""

import random
from collections.abc import Sequence

from finetune.complaint_labels import LabelledComplaint
from finetune.measures import Figure, precision, recall, spread
from finetune.thresholds import choose_severity
from nlu.classifier import Classifier
from tickets.triage import by_words

FOLDS = 5
REPEATS = 20


def cross_validated_escalation(
    classifier: Classifier, rows: Sequence[LabelledComplaint]
) -> dict[str, Figure]:
    """Recall and precision of `escalate` over all labelled rows.

    The adapter has never seen the rows; the threshold is chosen on four fifths of them and used on
    the last, twenty times over with other fifths.

    Args:
        classifier: The adapter.
        rows: All complaint labels.

    Returns:
        The mean over the repetitions, with the 2.5th and 97.5th percentile of them.
    """
    known = [row for row in rows if row.escalate is not None]
    truth = [float(bool(row.escalate)) for row in known]
    spoken = [by_words(row.text, None) is not None for row in known]
    severities = _severities(classifier, known)
    runs = [_decided(severities, truth, spoken, seed) for seed in range(REPEATS)]
    return {
        "escalate recall": spread(recall, truth, runs),
        "escalate precision": spread(precision, truth, runs),
    }


def _severities(classifier: Classifier, rows: Sequence[LabelledComplaint]) -> list[float]:
    scores = classifier.score([row.text for row in rows])
    # A message that does not feel negative is not escalated by its score, however severe.
    return [score.severity if score.polarity == "negative" else 0.0 for score in scores]


def _decided(
    severities: Sequence[float], truth: Sequence[float], spoken: Sequence[bool], seed: int
) -> list[float]:
    places = list(range(len(truth)))
    random.Random(seed).shuffle(places)  # noqa: S311 - no secret
    found = [0.0] * len(truth)
    for fold in range(FOLDS):
        held = set(places[fold::FOLDS])
        # What a phrase escalates, no threshold decides.
        rest = [place for place in places if place not in held and not spoken[place]]
        cut = choose_severity([severities[p] for p in rest], [bool(truth[p]) for p in rest])
        for place in held:
            found[place] = float(spoken[place] or severities[place] >= cut)
    return found
