"""Which samples a stage of a run reads."""

from collections.abc import Sequence

from finetune.config import Stage, TrainConfig
from finetune.samples import Sample


def select(samples: Sequence[Sample], stage: Stage, config: TrainConfig) -> list[Sample]:
    """The samples of one epoch.

    Args:
        samples: Of the training split.
        stage: Says how often each source is read.
        config: Says how many samples are read at most; all without a limit.
    """
    chosen = [sample for sample in samples for _ in range(stage.sources.get(sample.source, 0))]
    # Every nth, not the first n: a small try-out still meets every source.
    return chosen[:: max(1, len(chosen) // (config.max_samples or len(chosen) or 1))]
