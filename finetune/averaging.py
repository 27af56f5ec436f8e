"""Averages the trained weights over the steps: steadier than the last step's, at no cost later."""

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.hooks import RemovableHandle
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from amends.errors import AmendsError

AVERAGE_FILE = "average.safetensors"
_STEPS = "averaged steps"


class AveragingError(AmendsError):
    """Averaged weights cannot be resumed; says expected, found and what to do."""


class EmaCallback(TrainerCallback):
    """Exponential moving average of the weights that learn.

    The decay warms up as min(decay, (1 + n) / (10 + n)) at step n, as TensorFlow's does, lest the
    random start of the heads weigh on the average.

    While training lasts, the model scores with the averaged weights wherever it is in evaluation
    mode, so early stopping judges what will be kept; checkpoints hold the trained weights, the
    average beside them. When training ends, the average takes their place; with
    `load_best_model_at_end` it is the best checkpoint's.
    """

    def __init__(self, decay: float) -> None:
        """Average nothing yet.

        Args:
            decay: How much of the average stays at each step, 0…1.
        """
        self._decay = decay
        self._weights: dict[str, nn.Parameter] = {}
        self._hooks: list[RemovableHandle] = []

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: nn.Module,
        **_: object,
    ) -> None:
        """Start an average, or take up that of the checkpoint that training resumes from."""
        self._unhook()  # A Trainer that looks for a batch size begins more than once.
        self._weights = {
            n: weight for n, weight in model.named_parameters() if weight.requires_grad
        }
        self._average = AveragedModel(self._listed(), multi_avg_fn=self._step)
        if state.global_step:
            self._load(_checkpoint(args, state))
        self._hooks = [
            model.register_forward_pre_hook(lambda module, _: self._swap(module)),
            model.register_forward_hook(lambda module, *_: self._swap(module), always_call=True),
        ]

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Take the weights of an optimizer's step into the average."""
        self._average.update_parameters(self._listed())

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Put the average into the checkpoint."""
        if state.is_world_process_zero:
            folder = _checkpoint(args, state)
            tensors = {**self._averaged(), _STEPS: self._average.n_averaged}
            save_file(tensors, folder / f"{AVERAGE_FILE}.draft")
            (folder / f"{AVERAGE_FILE}.draft").replace(folder / AVERAGE_FILE)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Put the average in the place of the trained weights, for good."""
        self._unhook()
        if args.load_best_model_at_end and state.best_model_checkpoint:
            self._load(Path(state.best_model_checkpoint))
        for name, averaged in self._averaged().items():
            self._weights[name].data.copy_(averaged)

    def _unhook(self) -> None:
        while self._hooks:
            self._hooks.pop().remove()

    def _listed(self) -> nn.ParameterList:
        # Only these: a copy of the whole model would copy the frozen base, and average its 8 bits.
        return nn.ParameterList(self._weights.values())

    def _averaged(self) -> dict[str, Tensor]:
        return dict(
            zip(self._weights, (w.detach() for w in self._average.parameters()), strict=True)
        )

    def _step(
        self, averaged: Sequence[Tensor], current: Sequence[Tensor], steps: Tensor | int
    ) -> None:
        decay = min(self._decay, (1 + int(steps)) / (10 + int(steps)))
        get_ema_multi_avg_fn(decay)(averaged, current, steps)  # type: ignore[no-untyped-call]

    def _swap(self, module: nn.Module) -> None:
        """Exchange trained and averaged weights around a forward pass in evaluation mode."""
        if not module.training:
            for trained, averaged in zip(
                self._weights.values(), self._average.parameters(), strict=True
            ):
                trained.data, averaged.data = averaged.data, trained.data

    def _load(self, folder: Path) -> None:
        found = _read(folder / AVERAGE_FILE)
        steps = found.pop(_STEPS, torch.tensor(0))
        expected = {name: weight.shape for name, weight in self._weights.items()}
        if {name: tensor.shape for name, tensor in found.items()} != expected:
            raise AveragingError(
                f"{folder / AVERAGE_FILE}: expected averages of the {len(expected)} weights that "
                f"learn, found {len(found)} of other names or shapes. Resume with the settings "
                "that the run began with, or start it anew."
            )
        for name, averaged in self._averaged().items():
            averaged.copy_(found[name])
        self._average.n_averaged.copy_(steps)


def _checkpoint(args: TrainingArguments, state: TrainerState) -> Path:
    return Path(args.output_dir or ".") / f"checkpoint-{state.global_step}"


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise AveragingError(
            f"{path}: expected the averaged weights of the run, found: {error}. Remove "
            f"{path.parent} to resume from the checkpoint before it, or start the run anew."
        ) from error
