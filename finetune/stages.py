"""Which samples a stage of a run reads."""

from collections.abc import Sequence

from finetune.config import Stage, TrainConfig
from finetune.samples import DataError, Sample


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


def read_in(samples: Sequence[Sample], config: TrainConfig) -> list[Sample]:
    """The training samples that any stage reads, each once.

    Args:
        samples: Of all splits.
        config: Says which sources the stages read.

    Raises:
        DataError: a stage has nothing to read.
    """
    training = [sample for sample in samples if sample.split == "train"]
    filled = {sample.source for sample in training}
    for number, stage in enumerate(config.stages, start=1):
        if filled.isdisjoint(stage.sources):
            raise DataError(
                f"stage {number}: expected samples for training from {', '.join(stage.sources)}, "
                "found none. Give label files with more messages, or leave out the stage."
            )
    return [sample for sample in training if any(sample.source in s.sources for s in config.stages)]
