"""Scores messages with the adapter in use."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from transformers import BatchEncoding

from nlu.adapter import load_adapter
from nlu.assessment import Intensity, Polarity
from nlu.base_model import find_base, weights_sha256
from nlu.heads import HeadKind, level_probs
from nlu.manifest import AdapterError, Manifest, check_served
from nlu.quiet import quiet_loading
from nlu.scoring_model import (
    MAX_TOKENS,
    Precision,
    ScoringModel,
    load_tokenizer,
    pick_device,
)
from nlu.text import prepare

BATCH = 32


@dataclass(frozen=True)
class Scores:
    """What the heads say of one message; see `nlu.assessment.Assessment` for the ranges."""

    polarity_probs: dict[Polarity, float]
    valence: float
    intensity_probs: dict[Intensity, float]
    complaint: float
    subjectivity: float
    escalate: float

    @property
    def polarity(self) -> Polarity:
        """The likeliest polarity."""
        return max(self.polarity_probs, key=self.polarity_probs.__getitem__)

    @property
    def intensity(self) -> Intensity:
        """The median level: the first that at least half of the probability reaches."""
        total = 0.0
        for level, prob in self.intensity_probs.items():
            total += prob
            if total >= 0.5:  # noqa: PLR2004 - half of the probability is what a median means
                return level
        return Intensity.EXTREME

    @property
    def severity(self) -> float:
        """How much a person should see it, 0…1.

        The mean of what the head `escalate` says, which learns from agents' corrections, and of
        P(negative) × P(strong or extreme), which is the rule that labellers follow.
        """
        upset = self.intensity_probs[Intensity.STRONG] + self.intensity_probs[Intensity.EXTREME]
        strong_negative = min(1.0, self.polarity_probs[Polarity.NEGATIVE] * upset)
        return (self.escalate + strong_negative) / 2


class Classifier:
    """A base with one adapter on it: trained weights and heads."""

    def __init__(self, model: ScoringModel, base: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self._model = model.eval()
        self._tokenizer = load_tokenizer(base)
        self._device = next(model.heads.parameters()).device

    @classmethod
    def load(
        cls, adapter: Path, base_model: str, precision: Precision, device: str
    ) -> "Classifier":
        """Load an adapter on its base.

        Args:
            adapter: Folder of the adapter.
            base_model: Hub id or folder of the base.
            precision: `int8` (bitsandbytes) or `fp32`.
            device: `auto`, `cpu` or `cuda`.

        Raises:
            AdapterError: adapter and base do not fit, or a weight is missing or not finite.
            BaseModelError: the base is nowhere found.
        """
        base, where = find_base(base_model), pick_device(device)
        with quiet_loading():
            model, manifest = load_adapter(adapter, base, weights_sha256(base), precision, where)
        return cls(model, base, manifest)

    @property
    def model(self) -> ScoringModel:
        """The module itself, for what looks inside: explanations."""
        return self._model

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """Score cleaned, masked messages, in their order.

        Raises:
            AdapterError: the model gave a value that is not finite, or lacks a head.
        """
        check_served(self.manifest, Path(self.manifest.name))
        return list(map(_scores, self.probabilities(texts)))

    def probabilities(self, texts: Sequence[str]) -> list[dict[str, list[float]]]:
        """What every head says of cleaned, masked messages, in their order.

        Returns:
            For each message, by head: the probability of each class or level; of a `probability`
            head the one probability; of a `regression` head the one value, clamped to −1…1.

        Raises:
            AdapterError: the model gave a value that is not finite.
        """
        return self.activated(self.logits(texts)) if texts else []

    def activated(
        self, logits: dict[str, Tensor], *, calibrated: bool = True
    ) -> list[dict[str, list[float]]]:
        """Turn what `logits` gave into what `probabilities` gives.

        Args:
            logits: By head, each (messages, outputs).
            calibrated: Whether they are calibrated first; see `Manifest.calibrated`.

        Raises:
            AdapterError: a value is not finite.
        """
        self._refuse_infinite(logits)
        heads = self.manifest.heads
        if calibrated:
            logits = {name: self.manifest.calibrated(name, logits[name]) for name in heads}
        columns = {name: _activated(spec.kind, logits[name]) for name, spec in heads.items()}
        rows = zip(*(values.tolist() for values in columns.values()), strict=True)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def logits(self, texts: Sequence[str]) -> dict[str, Tensor]:
        """Raw outputs of the heads, each (messages, outputs), on the CPU."""
        found: list[dict[str, Tensor]] = self._in_batches(self._model, texts)
        return {name: torch.stack([row[name] for row in found]) for name in self.manifest.heads}

    def embed(self, texts: Sequence[str]) -> Tensor:
        """Sentence vectors from which the heads read, (messages, width), on the CPU."""
        rows = self._in_batches(lambda *ids: {"": self._model.embed(*ids)}, texts)
        return torch.stack([row[""] for row in rows])

    def tokens(self, texts: Sequence[str]) -> BatchEncoding:
        """What the model reads of these messages, padded, on its device."""
        return self.tokens_of_prepared([prepare(text) for text in texts])

    def tokens_of_prepared(self, texts: Sequence[str]) -> BatchEncoding:
        """The same of messages that `prepare`, or what knows each word's place, has been over."""
        return self._tokenizer(
            list(texts), padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
        ).to(self._device)

    def _in_batches(
        self, run: Callable[[Tensor, Tensor], dict[str, Tensor]], texts: Sequence[str]
    ) -> list[dict[str, Tensor]]:
        # Messages of like length share a batch, so that little padding is computed.
        by_length = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        found: dict[int, dict[str, Tensor]] = {}
        for start in range(0, len(texts), BATCH):
            rows = by_length[start : start + BATCH]
            tokens = self.tokens([texts[row] for row in rows])
            with torch.inference_mode():
                values = run(tokens["input_ids"], tokens["attention_mask"])
            for place, row in enumerate(rows):
                found[row] = {name: value[place].float().cpu() for name, value in values.items()}
        return [found[row] for row in range(len(texts))]

    def _refuse_infinite(self, logits: dict[str, Tensor]) -> None:
        for name, values in logits.items():
            if not torch.isfinite(values).all():
                raise AdapterError(
                    f"adapter {self.manifest.name}: expected finite scores, found NaN or infinity "
                    f"from the head {name}. Go back to an earlier adapter, or set "
                    "AMENDS_PRECISION=fp32."
                )


def _activated(kind: HeadKind, logits: Tensor) -> Tensor:
    match kind:
        case "classes":
            return logits.softmax(1)
        case "ordinal":
            return level_probs(logits)
        case "probability":
            return logits.sigmoid()
        case "regression":
            return logits.clamp(-1, 1)


def _scores(found: dict[str, list[float]]) -> Scores:
    return Scores(
        polarity_probs=dict(zip(Polarity, found["polarity"], strict=True)),
        valence=found["valence"][0],
        intensity_probs=dict(zip(Intensity, found["intensity"], strict=True)),
        complaint=found["complaint"][0],
        subjectivity=found["subjectivity"][0],
        escalate=found["escalate"][0],
    )
