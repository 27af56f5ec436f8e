"""A message and what is known of it; what may be learnt from and what is kept for the test."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from amends.errors import AmendsError
from nlu.heads import HeadSpec

Split = Literal["train", "validation", "test"]


class DataError(AmendsError):
    """Labels cannot be used; names file, row, expected and found."""


@dataclass(frozen=True)
class Sample:
    """A message and what is known of it.

    Attributes:
        text: The message, cleaned.
        source: The set that it comes from.
        key: Samples of a source with the same key are in the same split.
        split: What it may be used for.
        labels: By head, only those that it carries: index of the class or level, −1…1 for a
            regression, 0…1 for a probability.
    """

    text: str
    source: str
    key: str
    split: Split
    labels: dict[str, float]


def bucket(key: str) -> int:
    """A stable number from 0 to 99 for a key, the same on every machine and in every order."""
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % 100


def without_leaks(samples: Sequence[Sample], leaks: Literal["refuse", "drop"]) -> list[Sample]:
    """Keep texts of the test split out of training and validation.

    Args:
        samples: Of all splits.
        leaks: Whether such a text is an error, or left out of training.

    Raises:
        DataError: there is one, and leaks are refused.
    """
    tested = {_words(sample) for sample in samples if sample.split == "test"}
    clean = [s for s in samples if s.split == "test" or _words(s) not in tested]
    leaked = len(samples) - len(clean)
    if leaked and leaks == "refuse":
        one = next(s for s in samples if s.split != "test" and _words(s) in tested)
        raise DataError(
            f"{one.source}: expected no message both for training and for the test, found "
            f'{leaked}, such as "{one.text[:60]}". Remove the copies, or set leaks = "drop" to '
            "train without them."
        )
    return clean


def _words(sample: Sample) -> str:
    return " ".join(sample.text.casefold().split())


def check_labels(samples: Iterable[Sample], heads: Mapping[str, HeadSpec]) -> None:
    """Refuse training samples from which a head cannot learn.

    Raises:
        DataError: there is no sample, or a head has no label, or only one class.
    """
    rows = list(samples)
    if not rows:
        raise DataError(
            "expected samples for training, found none. Give the folder that holds the label "
            "files, or a label file, with --data."
        )
    for name, spec in heads.items():
        found = {row.labels[name] for row in rows if name in row.labels}
        if len(found) < 2:  # noqa: PLR2004 - one value teaches nothing
            raise DataError(
                f"head {name}: expected labels of two or more kinds for training, found "
                f"{_listed(spec, found)}. Add messages of the others, or remove the head."
            )


def _listed(spec: HeadSpec, found: set[float]) -> str:
    if not found:
        return "none"
    one = found.pop()
    return f"only {spec.labels[int(one)] if spec.labels else f'{one:g}'}"
