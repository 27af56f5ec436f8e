"""What each head is trained to minimise, over the samples that carry its label."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from finetune.config import HeadConfig
from nlu.heads import HeadKind


def masked_loss(
    logits: Mapping[str, Tensor], labels: Mapping[str, Tensor], heads: Mapping[str, HeadConfig]
) -> Tensor:
    """Weighted sum of the heads' losses for one batch.

    Args:
        logits: Outputs by head, each (batch, outputs).
        labels: Labels by head, each (batch,); NaN means "not labelled".
        heads: Kind and weight of each head.

    Returns:
        A scalar. Each head's loss is summed over its labelled samples and divided by the whole
        batch, so that a head with few labels in a batch does not shout.
    """
    size = next(iter(labels.values())).shape[0]
    losses = [
        head.weight * _loss(head.kind, logits[name], labels[name]) for name, head in heads.items()
    ]
    return torch.stack(losses).sum() / size


def _loss(kind: HeadKind, logits: Tensor, labels: Tensor) -> Tensor:
    known = ~labels.isnan()
    # Of no rows the sum is 0, and still hangs on the weights, as several processes need it to.
    return LOSSES[kind](logits[known].float(), labels[known])


def _classes(logits: Tensor, labels: Tensor) -> Tensor:
    return functional.cross_entropy(logits, labels.long(), reduction="sum")


def _regression(logits: Tensor, labels: Tensor) -> Tensor:
    return functional.mse_loss(logits[:, 0], labels, reduction="sum")


def _ordinal(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean over the steps of the loss of "above step k": CORAL, eq. 4."""
    steps = torch.arange(logits.shape[1], device=logits.device)
    above = (labels[:, None] > steps).to(logits.dtype)
    loss = functional.binary_cross_entropy_with_logits(logits, above, reduction="sum")
    return loss / logits.shape[1]


def _probability(logits: Tensor, labels: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits[:, 0], labels, reduction="sum")


LOSSES: dict[HeadKind, Callable[[Tensor, Tensor], Tensor]] = {
    "classes": _classes,
    "regression": _regression,
    "ordinal": _ordinal,
    "probability": _probability,
}
