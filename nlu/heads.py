"""The heads that turn one sentence vector into scores."""

from collections.abc import Mapping
from typing import Literal, Self

import torch
from pydantic import BaseModel, ConfigDict, model_validator
from torch import Tensor, nn

from nlu.assessment import Intensity, Polarity

HeadKind = Literal["classes", "ordinal", "regression", "probability"]
NAMED: tuple[HeadKind, ...] = ("classes", "ordinal")
MIN_LABELS = 2


class HeadSpec(BaseModel):
    """What one head says.

    Attributes:
        kind: `classes` (softmax), `ordinal` (levels in order), `regression` (−1…1) or
            `probability` (0…1).
        labels: Names of the classes or levels in order; empty for the other kinds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: HeadKind
    labels: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _labels_fit_kind(self) -> Self:
        named = self.kind in NAMED
        if named and len(set(self.labels)) < max(MIN_LABELS, len(self.labels)):
            raise ValueError(
                f"a head of kind {self.kind} expects two or more labels, each once, "
                f"found {list(self.labels)}"
            )
        if self.labels and not named:
            raise ValueError(f"a head of kind {self.kind} expects no labels")
        return self

    @property
    def outputs(self) -> int:
        """How many logits it has: one less than levels, since those say "above this one"."""
        return len(self.labels) - 1 if self.kind == "ordinal" else len(self.labels) or 1


SERVED_HEADS: dict[str, HeadSpec] = {
    "polarity": HeadSpec(kind="classes", labels=tuple(Polarity)),
    "valence": HeadSpec(kind="regression"),
    "intensity": HeadSpec(kind="ordinal", labels=tuple(Intensity)),
    "complaint": HeadSpec(kind="probability"),
    "subjectivity": HeadSpec(kind="probability"),
    "escalate": HeadSpec(kind="probability"),
}
"""What an adapter must have to serve the assistant; it may have more."""


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
    return nn.Linear(width, spec.outputs)


def make_heads(heads: Mapping[str, HeadSpec], width: int) -> nn.ModuleDict:
    """Build these heads with fresh weights for vectors of this width."""
    return nn.ModuleDict({name: make_head(spec, width) for name, spec in heads.items()})


def level_probs(logits: Tensor) -> Tensor:
    """Turn ordinal logits (batch, levels − 1) into level probabilities (batch, levels)."""
    above = torch.sigmoid(logits)
    ones, zeros = torch.ones_like(above[:, :1]), torch.zeros_like(above[:, :1])
    steps = torch.cat([ones, above, zeros], dim=1)
    # Biases may cross in training; a probability may not be negative.
    probs = (steps[:, :-1] - steps[:, 1:]).clamp(min=0)
    return probs / probs.sum(dim=1, keepdim=True)
