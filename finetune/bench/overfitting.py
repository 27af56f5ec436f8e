"""Whether the means against overfitting help, one at a time, on the same folds."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from finetune.bench.page import by_fold
from finetune.bench.protocol_runs import Bench
from finetune.bench.protocols import PROTOCOLS

COMPLAINTS = next(p for p in PROTOCOLS if p.name == "complaint_tweets")
FOLDS = 3
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "nothing": {},
    "augment: typos, synonyms": {"augment": ["typos", "synonyms"], "augment_rate": 0.2},
    "augment: case, emoji, elongation": {
        "augment": ["case", "emoji", "elongation"],
        "augment_rate": 0.2,
    },
    "adversarial (FGM, 1.0)": {"adversarial": 1.0},
    "averaging (0.99)": {"averaging": 0.99},
}


def overfitting(bench: Bench) -> list[tuple[str, float, float, str]]:
    """Mean by option, its change against nothing, and on how many folds it was better."""
    values = {
        name: by_fold(
            COMPLAINTS,
            bench.run([COMPLAINTS], FOLDS, f"overfitting-{place}", changes)[COMPLAINTS.name],
            "fp32",
        )
        for place, (name, changes) in enumerate(OPTIONS.items())
    }
    plain = np.array(values["nothing"])
    return [
        (
            name,
            float(np.mean(found)),
            float(np.mean(found - plain)),
            f"{int(np.sum(found > plain))} of {len(plain)}" if name != "nothing" else "–",
        )
        for name, found in ((name, np.array(found)) for name, found in values.items())
    ]
