"""What happens between the steps of a training run."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import nn
from torch.utils.tensorboard import SummaryWriter
from transformers import (
    EarlyStoppingCallback,
    ProgressCallback,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from transformers.integrations import TensorBoardCallback

from finetune.averaging import EmaCallback
from finetune.batches import TokenizedSamples
from finetune.config import TrainConfig
from nlu.scoring_model import ScoringModel


class ProgressBar(ProgressCallback):
    """Shows how far a stage is, and its loss; nothing is written but the bar."""

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: Any,  # noqa: ANN401 - the Trainer's own
    ) -> None:
        """Put the losses beside the bar, where the Trainer's own would print a line."""
        losses = {name: value for name, value in (logs or {}).items() if name.endswith("loss")}
        if self.training_bar is not None:
            self.training_bar.set_postfix(losses)


class EpochCallback(TrainerCallback):
    """Tells the samples which epoch it is, a run that resumes in the middle of one too."""

    def __init__(self, samples: TokenizedSamples) -> None:
        self._samples = samples

    def on_epoch_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,  # noqa: ANN401 - the Trainer's own
    ) -> None:
        """Set the number of the epoch, of which a part may be done."""
        self._samples.epoch = int(state.epoch or 0)


class Watcher(TrainerCallback):
    """Tells somebody how it goes."""

    def __init__(self, watch: Callable[[int, float], None], done: int) -> None:
        """Tell nothing yet.

        Args:
            watch: Takes steps of the whole run and the validation loss after them.
            done: Steps of the stages before this one.
        """
        self._watch = watch
        self._done = done

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        **kwargs: Any,  # noqa: ANN401 - the Trainer's own
    ) -> None:
        """Tell the loss."""
        self._watch(self._done + state.global_step, (metrics or {})["eval_loss"])


class AdaLoraCallback(TrainerCallback):
    """Moves AdaLoRA's ranks to where they count, after every step of the whole run."""

    def __init__(self, encoder: nn.Module, done: int) -> None:
        """Plan on.

        Args:
            encoder: With AdaLoRA weights.
            done: Steps of the stages before this one.
        """
        self._encoder = encoder
        self._done = done

    def on_optimizer_step(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,  # noqa: ANN401 - the Trainer's own
    ) -> None:
        """Reallocate, while the gradients of the step are still there."""
        step = self._done + state.global_step
        self._encoder.base_model.update_and_allocate(step)  # type: ignore[union-attr, operator]


def callbacks(
    config: TrainConfig,
    model: ScoringModel,
    samples: TokenizedSamples,
    done: int,
    logs: Path,
    *,
    stops: bool,
) -> list[TrainerCallback]:
    """The callbacks that a configuration asks for.

    Args:
        config: How to train.
        model: What is trained.
        samples: What it reads.
        done: Steps of the stages before this one.
        logs: Folder for TensorBoard.
        stops: Whether the validation loss may end a stage.
    """
    chosen: list[TrainerCallback] = [EpochCallback(samples)]
    if sys.stderr.isatty():
        chosen.append(ProgressBar())
    if config.adapter.method == "adalora":
        chosen.append(AdaLoraCallback(model.encoder, done))
    if config.averaging:
        chosen.append(EmaCallback(config.averaging))
    if stops:
        chosen.append(EarlyStoppingCallback(config.patience))
    if "tensorboard" in config.report_to:
        chosen.append(TensorBoardCallback(SummaryWriter(logs)))
    return chosen
