"""Adversarial training: the hardest small change of the word embeddings is learnt as well."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


class Fgm:
    """Fast gradient method on what the embedding layer says (Miyato, Dai & Goodfellow 2017).

    Each sample's word embeddings s, as one vector, move by r = ε g / ‖g‖₂, where g is the gradient
    of the loss at s (https://arxiv.org/abs/1605.07725, eq. 5, with the loss for −log p). The output
    moves, not the weights: those are frozen beside LoRA, and shared by all samples. Padding stays,
    as the loss does not depend on it. The paper scales its embeddings to unit variance first, lest
    a model outgrow ε; with pretrained embeddings, frozen or slow, ε is in their own units.

    In a Trainer:

        def training_step(self, model, inputs, num_items_in_batch=None):
            step = partial(super().training_step, model, inputs, num_items_in_batch)
            with self.fgm.watch():
                loss = step()
            self.fgm.attack(step)
            return loss
    """

    def __init__(self, encoder: nn.Module, epsilon: float) -> None:
        """Watch nothing yet.

        Args:
            encoder: A transformers model, bare, in 8 bits or wrapped by PEFT.
            epsilon: Length of the move of a sample (L2 norm over all its tokens); above 0.
        """
        self._embeddings: nn.Module = encoder.get_input_embeddings()  # type: ignore[operator]
        self._epsilon = epsilon
        self._seen: Tensor | None = None

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Within, forward and backward of one batch leave behind where to move its embeddings."""
        self._seen = None
        handle = self._embeddings.register_forward_hook(self._keep)
        try:
            yield
        finally:
            handle.remove()

    def attack(self, step: Callable[[], object]) -> bool:
        """Run the watched batch once more with its embeddings moved.

        The gradients add to those that are there, so that both losses weigh the same.

        Args:
            step: Forward and backward of that batch, as they ran under `watch`.

        Returns:
            Whether it ran: not where every gradient is zero or not a number.
        """
        move, self._seen = self._move(), None
        if move is None:
            return False
        handle = self._embeddings.register_forward_hook(lambda _, __, output: output + move)
        try:
            step()
        finally:
            handle.remove()
        return True

    def _keep(self, _: nn.Module, __: tuple[Any, ...], output: Tensor) -> None:
        # Behind frozen embeddings nothing asks for this gradient, unless it is asked for here.
        if not output.requires_grad:
            output.requires_grad_()
        output.retain_grad()
        self._seen = output

    def _move(self) -> Tensor | None:
        gradient = None if self._seen is None else self._seen.grad
        if gradient is None:
            return None
        long = gradient.float()
        norms = torch.linalg.vector_norm(long, dim=tuple(range(1, long.dim())), keepdim=True)
        usable = norms.isfinite() & (norms > 0)
        if not usable.any():
            return None
        # Chosen, not multiplied: a NaN times zero is a NaN.
        return torch.where(usable, self._epsilon * long / norms, 0.0).to(gradient.dtype)
