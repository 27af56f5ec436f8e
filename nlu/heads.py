"""The heads that turn one sentence vector into scores."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from nlu.assessment import Intensity, Polarity

HeadKind = Literal["classes", "ordinal", "regression", "probability"]


@dataclass(frozen=True)
class HeadSpec:
    """What one head says.

    Attributes:
        kind: `classes` (softmax), `ordinal` (levels in order), `regression` (−1…1) or
            `probability` (0…1).
        labels: Names of the classes or levels in order; empty for the other kinds.
    """

    kind: HeadKind
    labels: tuple[str, ...] = ()


HEADS: dict[str, HeadSpec] = {
    "polarity": HeadSpec("classes", tuple(Polarity)),
    "valence": HeadSpec("regression"),
    "intensity": HeadSpec("ordinal", tuple(Intensity)),
    "complaint": HeadSpec("probability"),
}


class OrdinalHead(nn.Module):
    """Logits of P(level > k) that share one direction and differ in their bias.

    The shared weights make the probabilities fall with k: CORAL, Cao, Mirjalili & Raschka 2020,
    https://arxiv.org/abs/1901.07884, eq. 5.
    """

    def __init__(self, width: int, levels: int) -> None:
        super().__init__()
        self.direction = nn.Linear(width, 1, bias=False)
        self.bias = nn.Parameter(torch.linspace(1, -1, levels - 1))

    def forward(self, vectors: Tensor) -> Tensor:
        """Map (batch, width) to (batch, levels − 1)."""
        logits: Tensor = self.direction(vectors) + self.bias
        return logits


def make_head(spec: HeadSpec, width: int) -> nn.Module:
    """Build the module of a head with fresh weights."""
    if spec.kind == "ordinal":
        return OrdinalHead(width, len(spec.labels))
    return nn.Linear(width, len(spec.labels) or 1)


def make_heads(width: int) -> nn.ModuleDict:
    """Build all heads with fresh weights for vectors of this width."""
    return nn.ModuleDict({name: make_head(spec, width) for name, spec in HEADS.items()})


def level_probs(logits: Tensor) -> Tensor:
    """Turn ordinal logits (batch, levels − 1) into level probabilities (batch, levels)."""
    above = torch.sigmoid(logits)
    ones, zeros = torch.ones_like(above[:, :1]), torch.zeros_like(above[:, :1])
    steps = torch.cat([ones, above, zeros], dim=1)
    # Biases may cross in training; a probability may not be negative.
    probs = (steps[:, :-1] - steps[:, 1:]).clamp(min=0)
    return probs / probs.sum(dim=1, keepdim=True)
