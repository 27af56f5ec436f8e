"""Behavioural checks: what must not change a decision, and what must.

Ribeiro et al. 2020, "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList",
https://arxiv.org/abs/2005.04118: tests of invariance and of direction.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field

from finetune.augment.typos import typos
from finetune.measures import Figure, accuracy, figure
from finetune.report.decisions import decided
from finetune.report.rows import HALF, Values
from finetune.report.scored import Scored
from nlu.heads import SERVED_HEADS

FILE = Path(__file__).with_name("behaviour.yml")
TYPOS = 3
SHOWN = 5


class NegationPair(BaseModel):
    """A sentence with a negation and without it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    with_: str = Field(alias="with")
    without: str
    better: Literal["with", "without"]


class Sentences(BaseModel):
    """Sentences of our own, and what is put into them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[str, ...]
    products: tuple[str, ...]
    messages: tuple[str, ...]
    negations: tuple[NegationPair, ...]


class Check(BaseModel):
    """How often a head did what it must.

    Attributes:
        change: What was changed.
        head: Whose decision is looked at.
        must: Whether the decision must stay or change.
        figure: Share of the changed sentences on which it did.
        mean_shift: By how much the probabilities of the head (the largest of them) moved; of a
            removed negation, by how much the valence moved to where it should.
        worst_shift: The most that they moved; of a removed negation the least.
        failed: Some of the sentences, ours, on which it did not: before and after.
    """

    model_config = ConfigDict(frozen=True)

    change: str
    head: str
    must: Literal["stay", "change"]
    figure: Figure
    mean_shift: float
    worst_shift: float
    failed: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """How its figure is called."""
        return f"{self.change}: {self.head} {'kept' if self.must == 'stay' else 'changed'}"


Pairs = list[tuple[str, str]]


@lru_cache(maxsize=1)
def sentences() -> Sentences:
    """The sentences that come with Amends."""
    return Sentences.model_validate(yaml.safe_load(FILE.read_text("utf-8")))


def behaviour(scored: Scored) -> list[Check]:
    """Run every check that the heads of an adapter allow."""
    own = sentences()
    changes: dict[str, Callable[[Sentences], Iterator[tuple[str, str]]]] = {
        "another name": _other_names,
        "another product": _other_products,
        "a typo": _mistyped,
    }
    pairs = {name: list(change(own)) for name, change in changes.items()}
    scored.add(text for found in pairs.values() for pair in found for text in pair)
    heads = scored.classifier.manifest.heads
    deciding = [head for head, spec in heads.items() if spec.kind in {"classes", "probability"}]
    stays = [_stays(scored, name, head, pairs[name]) for name in pairs for head in deciding]
    return [*stays, *_negations(scored, own.negations)]


def _filled(own: Sentences, message: str, name: int, product: int) -> str:
    return message.format(name=own.names[name], product=own.products[product])


def _other_names(own: Sentences) -> Iterator[tuple[str, str]]:
    for message in own.messages:
        for place in range(1, len(own.names) if "{name}" in message else 1):
            yield _filled(own, message, 0, 0), _filled(own, message, place, 0)


def _other_products(own: Sentences) -> Iterator[tuple[str, str]]:
    for message in own.messages:
        for place in range(1, len(own.products)):
            yield _filled(own, message, 0, 0), _filled(own, message, 0, place)


def _mistyped(own: Sentences) -> Iterator[tuple[str, str]]:
    for message in own.messages:
        plain = _filled(own, message, 0, 0)
        for seed in range(TYPOS):
            yield plain, typos(plain, random.Random(f"{seed} {plain}"))  # noqa: S311 - no secret


def _stays(scored: Scored, change: str, head: str, pairs: Pairs) -> Check:
    before, after = (scored.of([pair[side] for pair in pairs], head) for side in (0, 1))
    spec = scored.classifier.manifest.heads[head]
    cut = _cuts(scored).get(head, HALF)
    kept = decided(spec, before, cut) == decided(spec, after, cut)
    shifts = np.abs(after - before).max(axis=1)
    return _check(change, head, "stay", pairs, kept.astype(float), shifts, float(shifts.max()))


def _cuts(scored: Scored) -> Mapping[str, float]:
    return {"escalate": scored.classifier.manifest.thresholds.severity}


def _negations(scored: Scored, negations: Sequence[NegationPair]) -> list[Check]:
    heads = scored.classifier.manifest.heads
    needed = ("polarity", "valence")
    if any(heads.get(name) != SERVED_HEADS[name] for name in needed):
        return []
    pairs = [(pair.with_, pair.without) for pair in negations]
    signs = np.array([1.0 if pair.better == "without" else -1.0 for pair in negations])
    texts = [[pair[side] for pair in pairs] for side in (0, 1)]
    shifts = signs * np.subtract(*(scored.of(side, "valence")[:, 0] for side in reversed(texts)))
    found = [decided(heads["polarity"], scored.of(side, "polarity")) for side in texts]
    passed = (found[0] != found[1]) & (shifts > 0)
    change = "a negation removed"
    least = float(shifts.min())
    return [_check(change, "polarity", "change", pairs, passed.astype(float), shifts, least)]


def _check(
    change: str,
    head: str,
    must: Literal["stay", "change"],
    pairs: Pairs,
    passed: Values,
    shifts: Values,
    worst: float,
) -> Check:
    failed = [pair for pair, good in zip(pairs, passed, strict=True) if not good]
    return Check(
        change=change,
        head=head,
        must=must,
        figure=figure(accuracy, [1.0] * len(passed), list(passed)),
        mean_shift=float(shifts.mean()),
        worst_shift=worst,
        failed=tuple(failed[:SHOWN]),
    )
