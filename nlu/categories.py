"""Finds what a message is about by embedding similarity to a file of examples."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor
from torch.nn import functional

from nlu.assessment import OTHER, RunnerUp
from nlu.category_file import CategoryFile
from nlu.encoder import SharedEncoder, embed
from nlu.manifest import Thresholds

RUNNERS_UP = 3

SHARPNESS = 8.0
"""τ: how much more a close example counts than a distant one; from 6 to 10 it makes no odds."""


@dataclass(frozen=True)
class CategoryMatch:
    """The category of one message; see `nlu.assessment.Assessment` for the fields."""

    category: str
    similarity: float
    runners_up: list[RunnerUp]


@dataclass(frozen=True)
class Similarities:
    """How close one message is to each category and to the `other` examples."""

    by_category: dict[str, float]
    other: float

    @property
    def ranked(self) -> list[tuple[str, float]]:
        """Categories, closest first."""
        return sorted(self.by_category.items(), key=lambda item: -item[1])


@dataclass(frozen=True)
class Nearest:
    """An example of a category, and how close a message comes to it, −1…1."""

    example: str
    similarity: float


def decide(similarities: Similarities, thresholds: Thresholds) -> CategoryMatch:
    """Take the closest category, or `other` where none is close enough.

    `other` wins below the least similarity, and where the `other` examples come closer than the
    margin allows.
    """
    ranked = similarities.ranked
    _, best = ranked[0]
    known = best >= thresholds.similarity and best - similarities.other >= thresholds.margin
    runners_up = [RunnerUp(category=name, similarity=value) for name, value in ranked]
    if known:
        return CategoryMatch(ranked[0][0], best, runners_up[1 : RUNNERS_UP + 1])
    return CategoryMatch(OTHER, best, runners_up[:RUNNERS_UP])


class CategoryFinder:
    """Embeds messages and compares them with the examples of each category.

    A message is pulled by every example, the close ones most: similarity is the soft mean
    log(mean(exp(τ cos))) / τ of its cosines to a category's examples (the log density of a kernel
    estimate on the sphere, Hall, Watson & Cabrera 1987). The mean of all examples is taken off
    first: what all shop messages share says nothing about which category one belongs to (Mu &
    Viswanath 2018, https://arxiv.org/abs/1702.01417).

    A category with more examples than the average is a broad one, about which shoppers write more
    often and in more ways: its mean counts as many times over as it has more. One with fewer is not
    held back, so that a new category needs no more than a few.
    """

    def __init__(
        self, categories: CategoryFile, encoder: SentenceTransformer | SharedEncoder
    ) -> None:
        self._encoder = encoder
        named = {name: entry.examples for name, entry in categories.categories.items()}
        self._examples = {**named, OTHER: categories.other_examples}
        self._names = list(self._examples)
        sizes = [len(examples) for examples in self._examples.values()]
        embedded = self._embed([text for texts in self._examples.values() for text in texts])
        self._centre = embedded[: -sizes[-1]].mean(dim=0)
        vectors = torch.split(self._centred(embedded), sizes)
        self._vectors = dict(zip(self._names, vectors, strict=True))
        self._log_breadths = _log_breadths(sizes)

    def similarities(self, texts: Sequence[str]) -> list[Similarities]:
        """Compare cleaned, masked messages with every category."""
        messages = self._centred(self._embed(texts))
        pulls = [_soft_mean(messages @ vectors.T) for vectors in self._vectors.values()]
        similar = (torch.stack(pulls, dim=1) + self._log_breadths / SHARPNESS).clamp(-1, 1)
        rows = [dict(zip(self._names, row, strict=True)) for row in similar.tolist()]
        return [Similarities(other=row.pop(OTHER), by_category=row) for row in rows]

    def nearest(self, text: str, category: str, count: int) -> list[Nearest]:
        """The examples of a category, or of `other`, that come closest to a message."""
        cosines = (self._vectors[category] @ self._centred(self._embed([text]))[0]).clamp(-1, 1)
        best = cosines.topk(min(count, len(cosines)))
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        return [Nearest(self._examples[category][place], cosine) for place, cosine in pairs]

    def _centred(self, vectors: Tensor) -> Tensor:
        return functional.normalize(vectors - self._centre, dim=1)

    def _embed(self, texts: Sequence[str]) -> Tensor:
        return embed(self._encoder, texts)


def _soft_mean(cosines: Tensor) -> Tensor:
    """Of each row (messages, examples), between its mean and its greatest value."""
    total = torch.logsumexp(SHARPNESS * cosines, dim=1)
    return (total - math.log(cosines.shape[1])) / SHARPNESS


def _log_breadths(sizes: Sequence[int]) -> Tensor:
    """Of each category and of `other`, which comes last: log of how many times the average it is.

    The average is that of the categories; 0 for those below it.
    """
    counts = torch.tensor(sizes, dtype=torch.float32)
    return (counts / counts[:-1].mean()).clamp(min=1).log()
