"""What each head is trained to minimise, over the samples that carry its label."""

import torch
from torch import Tensor
from torch.nn import functional

# Valence comes as a continuous rating and carries the most information; polarity is partly derived
# from it. Chosen on the validation split.
WEIGHTS = {"polarity": 0.3, "valence": 4.0, "intensity": 2.0, "complaint": 2.0}


def masked_loss(logits: dict[str, Tensor], labels: dict[str, Tensor]) -> Tensor:
    """Weighted sum of the heads' losses for one batch.

    Args:
        logits: Outputs by head, each (batch, outputs).
        labels: Labels by head, each (batch,); negative class indices and NaN mean "not labelled".

    Returns:
        A scalar. Each head's loss is summed over its labelled samples and divided by the whole
        batch, so that a head with few labels in a batch does not shout.
    """
    size = next(iter(labels.values())).shape[0]
    losses = (
        WEIGHTS["polarity"] * _classes(logits["polarity"], labels["polarity"]),
        WEIGHTS["valence"] * _regression(logits["valence"], labels["valence"]),
        WEIGHTS["intensity"] * _ordinal(logits["intensity"], labels["intensity"]),
        WEIGHTS["complaint"] * _probability(logits["complaint"], labels["complaint"]),
    )
    return torch.stack(losses).sum() / size


def _classes(logits: Tensor, labels: Tensor) -> Tensor:
    return functional.cross_entropy(logits, labels, ignore_index=-1, reduction="sum")


def _regression(logits: Tensor, labels: Tensor) -> Tensor:
    known = ~labels.isnan()
    return functional.mse_loss(logits[known, 0], labels[known], reduction="sum")


def _ordinal(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean over the steps of the loss of "above step k": CORAL, eq. 4."""
    known = labels >= 0
    steps = torch.arange(logits.shape[1], device=logits.device)
    above = (labels[known, None] > steps).to(logits.dtype)
    loss = functional.binary_cross_entropy_with_logits(logits[known], above, reduction="sum")
    return loss / logits.shape[1]


def _probability(logits: Tensor, labels: Tensor) -> Tensor:
    known = ~labels.isnan()
    return functional.binary_cross_entropy_with_logits(
        logits[known, 0], labels[known], reduction="sum"
    )
