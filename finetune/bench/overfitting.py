"""Whether the means against overfitting help, one at a time, on the same folds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finetune.bench.page import by_fold
from finetune.bench.protocol_runs import Bench
from finetune.bench.protocols import COMPLAINTS

FOLDS = 2


@dataclass(frozen=True)
class Option:
    """One means against overfitting.

    Attributes:
        name: For people.
        changes: To the configuration.
        seeds: Trainings whose weights are averaged.
    """

    name: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    seeds: int = 1


OPTIONS = (
    Option("nothing"),
    Option("augment: typos, synonyms", {"augment": ["typos", "synonyms"], "augment_rate": 0.2}),
    Option(
        "augment: case, emoji, elongation",
        {"augment": ["case", "emoji", "elongation"], "augment_rate": 0.2},
    ),
    Option("adversarial (FGM, 0.1)", {"adversarial": 0.1}),
    Option("averaging over the steps (0.99)", {"averaging": 0.99}),
    Option("average of two trainings", seeds=2),
)


def overfitting(bench: Bench) -> list[tuple[str, float, float, str]]:
    """Mean by option, its change against nothing, and on how many folds it was better."""
    values = [_values(bench, option, place) for place, option in enumerate(OPTIONS)]
    plain = values[0]
    return [
        (
            option.name,
            float(np.mean(found)),
            float(np.mean(found - plain)),
            f"{int(np.sum(found > plain))} of {len(plain)}" if option is not OPTIONS[0] else "–",
        )
        for option, found in zip(OPTIONS, values, strict=True)
    ]


def _values(bench: Bench, option: Option, place: int) -> NDArray[np.float64]:
    protocol = replace(COMPLAINTS, seeds=option.seeds)
    results = bench.run([protocol], FOLDS, f"overfitting-{place}", option.changes)
    return np.array(by_fold(protocol, results[protocol.name], "fp32"))
