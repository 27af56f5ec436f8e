"""Which labels a rewritten message still carries."""

from collections.abc import Iterable
from dataclasses import replace

from finetune.samples import Sample
from nlu.assessment import Intensity, Polarity

ANY_STRENGTH = frozenset({"polarity", "complaint"})
"""Labels that do not ask how strongly a thing is said. Capitals, longer vowels and emoji add to
strength (capitals 0.73 of 8 points: Hutto & Gilbert 2014), so they vouch for these alone."""

NEUTRAL_VALENCE = 0.15
"""Closer to 0 than this (of −1…1) a message feels neither good nor bad."""

STRONG_VALENCE = 0.5
"""From here on (of −1…1) a message feels strongly, where no intensity says so."""

_POLARITIES = tuple(Polarity)


def keep_all(sample: Sample, text: str) -> Sample:
    """The sample in other words that mean and weigh the same."""
    return replace(sample, text=text)


def keep_only(sample: Sample, text: str, names: Iterable[str]) -> Sample:
    """The sample in other words, with those of its labels that are named.

    A sample that would be left without a label teaches nothing: it comes back as it was.
    """
    labels = {name: sample.labels[name] for name in names if name in sample.labels}
    return replace(sample, text=text, labels=labels) if labels and text != sample.text else sample


def sign_of(sample: Sample) -> int | None:
    """−1, 0 or 1 as the sample's polarity, else its valence, says; None without either."""
    if "polarity" in sample.labels:
        return int(sample.labels["polarity"]) - _POLARITIES.index(Polarity.NEUTRAL)
    valence = sample.labels.get("valence")
    if valence is None:
        return None
    return 0 if abs(valence) < NEUTRAL_VALENCE else 1 if valence > 0 else -1


def is_strong(sample: Sample) -> bool | None:
    """Whether the sample feels strongly, as its intensity, else its valence, says; None unknown."""
    if "intensity" in sample.labels:
        return sample.labels["intensity"] >= tuple(Intensity).index(Intensity.STRONG)
    valence = sample.labels.get("valence")
    return None if valence is None else abs(valence) >= STRONG_VALENCE
