"""Messages in other clothes: the same label, other letters."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from amends.errors import AmendsError
from finetune.augment.case import Case
from finetune.augment.elongation import Elongation
from finetune.augment.emojis import Emojis
from finetune.augment.labels import keep_all
from finetune.augment.synonyms import swap_synonyms
from finetune.augment.typos import typos
from finetune.samples import Sample


class AugmentationError(AmendsError):
    """An augmentation is asked for that there is not; says expected, found and what to do."""


class Augmentation(Protocol):
    """One way to write a message differently."""

    def apply(self, sample: Sample, rng: random.Random) -> Sample:
        """The sample, rewritten, with the labels that this way of writing can vouch for.

        Args:
            sample: What to rewrite; it stays as it is.
            rng: Source of chance.
        """


@dataclass(frozen=True)
class Rewriting:
    """An augmentation that changes neither what is meant nor how strongly: all labels stay."""

    rewrite: Callable[[str, random.Random], str]

    def apply(self, sample: Sample, rng: random.Random) -> Sample:
        """The sample in other letters."""
        return keep_all(sample, self.rewrite(sample.text, rng))


AUGMENTATIONS: dict[str, Augmentation] = {
    # Before the typos, after which a word is no longer known.
    "synonyms": Rewriting(swap_synonyms),
    "elongation": Elongation(),
    "typos": Rewriting(typos),
    "case": Case(),
    "emoji": Emojis(),
}


@dataclass(frozen=True)
class Augmenter:
    """Rewrites samples, some of them each time.

    Attributes:
        augmentations: What may happen to a sample, in this order.
        rate: Chance of each of them, 0…1.
        seed: Of the chance.
    """

    augmentations: tuple[Augmentation, ...]
    rate: float
    seed: int

    def __call__(self, sample: Sample, reading: int = 0) -> Sample:
        """The sample as it is read this time.

        Chance depends on seed, reading and sample alone: neither the order of the samples, nor the
        number of workers, nor a run resumed half-way changes what is read.

        Args:
            sample: What to rewrite; it stays as it is.
            reading: Another number, another rewriting: the epoch, or epoch and row.
        """
        rng = random.Random(f"{self.seed} {reading} {sample.source} {sample.text}")  # noqa: S311
        for augmentation in self.augmentations:
            if rng.random() < self.rate:
                sample = augmentation.apply(sample, rng)
        return sample


def augmenter(names: Sequence[str], rate: float, seed: int) -> Augmenter:
    """Compose augmentations by the names that a training config gives them.

    Args:
        names: Of `AUGMENTATIONS`; their order does not matter.
        rate: Chance of each augmentation for each sample, 0…1.
        seed: Of the chance.

    Raises:
        AugmentationError: an unknown name, or a rate out of range.
    """
    unknown = sorted(set(names) - set(AUGMENTATIONS))
    if unknown:
        raise AugmentationError(
            f"augmentation: expected names out of {', '.join(sorted(AUGMENTATIONS))}, found "
            f"{', '.join(unknown)}. Correct or remove them in the training config."
        )
    if not 0 <= rate <= 1:
        raise AugmentationError(
            f"augmentation rate: expected a chance from 0 to 1, found {rate:g}. "
            "Correct it in the training config."
        )
    chosen = tuple(way for name, way in AUGMENTATIONS.items() if name in names)
    return Augmenter(chosen, rate, seed)
