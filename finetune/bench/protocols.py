"""What is measured on which set, and what was published for it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finetune.measures import Measure, accuracy, macro_f1, pearson

CONFIGS = Path(__file__).parent.parent / "configs"
Found = list[list[float]]
"""Of each message, what one head says; see `Classifier.probabilities`."""


def _first(found: Found) -> NDArray[np.float64]:
    return np.array([row[0] for row in found])


def _decided(found: Found) -> NDArray[np.float64]:
    return np.array([float(row[0] >= 0.5) for row in found])  # noqa: PLR2004


def _likeliest(found: Found) -> NDArray[np.float64]:
    return np.array([float(np.argmax(row)) for row in found])


@dataclass(frozen=True)
class Protocol:
    """A set, how it is split, and how good one is on it.

    Attributes:
        name: Of the set; also of its configuration.
        head: What is measured.
        source: The rows that are tested.
        folds: How often the set is split; 1 where train and test are fixed.
        measure: Takes truth and decision.
        decide: Turns what the head says into what is measured.
        measure_name: For people.
        published: What papers reached.
        floor: Should be reached.
        aim: Would be good.
        seeds: Trainings of each fold, whose weights are averaged.
    """

    name: str
    head: str
    source: str
    folds: int
    measure: Measure
    decide: Callable[[Found], NDArray[np.float64]]
    measure_name: str
    published: str
    floor: float
    aim: float
    seeds: int = 1

    @property
    def config(self) -> Path:
        """How it is trained."""
        return CONFIGS / f"{self.name}.toml"


PROTOCOLS = (
    Protocol(
        "valence_amazon", "valence", "valence_amazon", 5, pearson, _first,
        "Pearson r, 5-fold by review", "VADER .565; one human rater .888", 0.875, 0.90, 2,
    ),
    Protocol(
        "complaint_tweets", "complaint", "complaint_tweets", 10, macro_f1, _decided,
        "macro-F1, 10-fold", ".79; .882 (RoBERTa-size)", 0.88, 0.91, 2,
    ),
    Protocol(
        "subjectivity", "subjectivity", "subjectivity", 10, accuracy, _decided,
        "accuracy, 10-fold", ".93–.97", 0.95, 0.965,
    ),
    Protocol(
        "sst5", "level", "sst5_dev", 1, accuracy, _likeliest,
        "accuracy, train to dev", "BERT-base .53", 0.49, 0.53, 2,
    ),
)  # fmt: skip

COMPLAINTS = next(protocol for protocol in PROTOCOLS if protocol.name == "complaint_tweets")
"""The set that the parts beside the protocols are measured on."""
