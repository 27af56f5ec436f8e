"""The messages most worth labelling next: those the classifier is unsure of, each unlike the rest.

Uncertainty alone would suggest one hard message in twenty wordings; diversity alone what the
classifier knows well. Their product was the best of the choices that were measured, see
`finetune.learning_curve`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from nlu.assessment import Polarity

Vectors = NDArray[np.floating]
Probabilities = dict[str, list[float]]

HEADS = ("polarity", "intensity", "complaint", "escalate")
"""What a person can label; how subjective a message is nobody is asked."""

POSITIVE = list(Polarity).index(Polarity.POSITIVE)

CHUNK = 256
"""Messages that are read together."""

UNLIKE = 1.0
"""Squared distance of unit vectors from which on two messages have nothing to do with each other:
a cosine of 0.5. What lies further apart gains nothing, else far-off oddities would be chosen."""


@dataclass(frozen=True)
class Candidate:
    """A message without a label, cleaned and masked."""

    id: str
    text: str


@dataclass(frozen=True)
class Suggestion:
    """A message worth labelling, and why.

    Attributes:
        candidate: The message.
        unsure: By head, how unsure the classifier is of it, 0…1.
    """

    candidate: Candidate
    unsure: dict[str, float]

    @property
    def uncertainty(self) -> float:
        """Mean over the heads, 0…1."""
        return sum(self.unsure.values()) / len(self.unsure)


def suggest(
    candidates: Iterable[Candidate],
    number: int,
    probabilities: Callable[[Sequence[str]], Sequence[Probabilities]],
    encode: Callable[[Sequence[str]], Vectors],
) -> list[Suggestion]:
    """Choose the messages most worth labelling, the most worthy first.

    Args:
        candidates: To choose from; of equal texts only the first.
        number: So many, or all where there are fewer.
        probabilities: What the heads say of messages; see `nlu.classifier.Classifier`.
        encode: Vectors of messages, (messages, width), that lie close where messages are about
            the same. Not the classifier's own: those lie close where the scores are the same, and
            diversity in them chose worse than chance.
    """
    read: list[Suggestion] = []
    vectors: list[Vectors] = []
    for chunk in _chunks(_without_copies(candidates)):
        texts = [candidate.text for candidate in chunk]
        read += map(Suggestion, chunk, map(unsure, probabilities(texts)))
        vectors.append(encode(texts))
    if not read:
        return []
    worth = np.array([suggestion.uncertainty for suggestion in read])
    return [read[row] for row in select(np.concatenate(vectors), worth, number)]


def unsure(probabilities: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """How unsure each head is that a person can correct: the entropy of its answer, 0…1.

    Doubt about intensity counts as far as the message may not be positive: how strong praise is
    nothing is decided by, and no training row teaches it.
    """
    found = {name: _of_one(probabilities[name]) for name in HEADS if name in probabilities}
    if "intensity" in found and "polarity" in probabilities:
        found["intensity"] *= 1 - probabilities["polarity"][POSITIVE]
    return found


def _of_one(answer: Sequence[float]) -> float:
    # One probability is that of two outcomes.
    outcomes = [*answer, 1 - answer[0]] if len(answer) == 1 else answer
    return float(entropy(np.array([outcomes]))[0])


def entropy(probabilities: Vectors) -> Vectors:
    """Entropy of each row of (rows, outcomes), in 0…1 whatever the number of outcomes, as (rows,).

    Entropy as a measure of uncertainty: Settles 2009, Active Learning Literature Survey, section
    3.1, http://burrsettles.com/pub/settles.activelearning.pdf; divided by its maximum, so that
    heads of two and of four outcomes count alike.
    """
    safe = np.clip(probabilities, np.finfo(float).tiny, 1)
    # Plus zero: minus zero reads badly.
    found: Vectors = -(safe * np.log(safe)).sum(1) / np.log(probabilities.shape[1]) + 0.0
    return found


def select(vectors: Vectors, uncertainty: Vectors, number: int) -> list[int]:
    """Choose rows one by one, each time the one of the most uncertainty × diversity.

    Diversity is the squared distance to the nearest row chosen before, at most `UNLIKE`: the greedy
    k-center choice (Sener & Savarese 2018, https://arxiv.org/abs/1708.00489, algorithm 1) with
    uncertainty as weight and distances cut off.

    Args:
        vectors: Of the messages, (rows, width), of any length.
        uncertainty: Of the same messages, (rows,), 0…1.
        number: So many rows, or all where there are fewer.

    Returns:
        Numbers of the rows, the first chosen first; of equals the first row.
    """
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    diversity = np.full(len(unit), UNLIKE)
    left = np.ones(len(unit), dtype=bool)
    chosen: list[int] = []
    for _ in range(min(number, len(unit))):
        best = int(np.where(left, uncertainty * diversity, -1).argmax())
        chosen.append(best)
        left[best] = False
        distance = np.maximum(2 - 2 * unit @ unit[best], 0)
        diversity = np.minimum(diversity, distance)
    return chosen


def _without_copies(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    seen: set[str] = set()
    for candidate in candidates:
        if candidate.text not in seen:
            seen.add(candidate.text)
            yield candidate


def _chunks(candidates: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    rows = iter(candidates)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
