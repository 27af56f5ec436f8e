"""Transformers' Trainer for several heads, of which a sample may carry only some labels."""

from collections.abc import Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import Sampler
from transformers import PrinterCallback, Trainer

from finetune.adversarial import Fgm
from finetune.batches import InLengths
from finetune.config import HeadConfig
from finetune.losses import masked_loss

WEIGHTS_FILE = "trained.safetensors"


class HeadsTrainer(Trainer):
    """Minimises the masked loss; checkpoints hold what was trained, not the frozen base."""

    def __init__(
        self,
        *,
        heads: Mapping[str, HeadConfig],
        fgm: Fgm | None,
        **kwargs: Any,  # noqa: ANN401 - the Trainer's own
    ) -> None:
        super().__init__(**kwargs)
        self._heads = heads
        self._fgm = fgm
        # Standard output is for what a command tells.
        self.remove_callback(PrinterCallback)
        # The loss is that of one batch, whatever else is accumulated.
        self.model_accepts_loss_kwargs = False

    def compute_loss(
        self, model: nn.Module, inputs: dict[str, Any], *_: object, **__: object
    ) -> Tensor:
        """Loss of one batch; the remaining arguments of the Trainer are not used."""
        labels = {name: values.to(self.args.device) for name, values in inputs["labels"].items()}
        return masked_loss(
            model(inputs["input_ids"], inputs["attention_mask"]), labels, self._heads
        )

    def training_step(
        self, model: nn.Module, inputs: dict[str, Any], num_items_in_batch: object = None
    ) -> Tensor:
        """Forward and backward of one batch, and of its adversarial copy when asked for."""
        step = partial(super().training_step, model, inputs, num_items_in_batch)
        with self._fgm.watch() if self._fgm else nullcontext():
            loss: Tensor = step()
        if self._fgm:
            self._fgm.attack(step)
        return loss

    def prediction_step(
        self, model: nn.Module, inputs: dict[str, Any], *_: object, **__: object
    ) -> tuple[Tensor, None, None]:
        """Validation loss of one batch."""
        with torch.no_grad(), self.compute_loss_context_manager():
            return self.compute_loss(model, self._prepare_inputs(inputs)).detach(), None, None

    def _get_train_sampler(self, train_dataset: object = None) -> Sampler[int]:
        rows = self.args.train_batch_size * self.args.gradient_accumulation_steps
        return InLengths(self.train_dataset, rows, self.args.seed)

    def _save(self, output_dir: str | None = None, state_dict: object = None) -> None:
        if self.args.should_save:
            folder = Path(output_dir or self.args.output_dir or ".")
            folder.mkdir(parents=True, exist_ok=True)
            save_file(trained_weights(self.model), folder / WEIGHTS_FILE)

    def _load_from_checkpoint(
        self, resume_from_checkpoint: str, model: nn.Module | None = None
    ) -> None:
        load_trained(self.model, Path(resume_from_checkpoint))

    def _load_best_model(self) -> None:
        load_trained(self.model, Path(self.state.best_model_checkpoint))


def trained_weights(model: nn.Module) -> dict[str, Tensor]:
    """What learns, by name, on the CPU."""
    return {
        name: weight.detach().cpu().contiguous()
        for name, weight in model.named_parameters()
        if weight.requires_grad
    }


def load_trained(model: nn.Module, folder: Path) -> None:
    """Put a checkpoint's weights into the model that they were saved from."""
    found, weights = load_file(folder / WEIGHTS_FILE), dict(model.named_parameters())
    for name, tensor in found.items():
        weights[name].data.copy_(tensor)
