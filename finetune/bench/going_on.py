"""Trainings of a benchmark: one that was killed goes on where it was."""

from collections.abc import Sequence
from pathlib import Path

from amends.settings import Settings
from finetune.config import TrainConfig
from finetune.run_folder import RunFolder
from finetune.samples import Sample
from finetune.train import train


def train_or_go_on(
    rows: Sequence[Sample],
    output: Path,
    settings: Settings,
    config: TrainConfig,
    start: Path | None = None,
) -> None:
    """Train an adapter, or go on with the training of it that was killed.

    Args:
        rows: What to learn from.
        output: Folder of the adapter to be.
        settings: Say base and device.
        config: How to train.
        start: An adapter to go on from.

    Raises:
        RunError: the training that was killed had another configuration.
    """
    begun = RunFolder.of(output).path.exists()
    train(rows, output, settings, config, {}, start=start, resume=begun)
