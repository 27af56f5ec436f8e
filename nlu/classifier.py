"""Scores messages with the adapter in use."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from nlu.adapter import AdapterError, Manifest, check_base, load_weights, read_manifest
from nlu.assessment import Intensity, Polarity
from nlu.base_model import find_base, weights_sha256
from nlu.heads import level_probs
from nlu.quiet import quiet_loading
from nlu.scoring_model import (
    MAX_TOKENS,
    Precision,
    ScoringModel,
    load_encoder,
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
        """P(negative) × P(strong or extreme)."""
        upset = self.intensity_probs[Intensity.STRONG] + self.intensity_probs[Intensity.EXTREME]
        return min(1.0, self.polarity_probs[Polarity.NEGATIVE] * upset)


class Classifier:
    """A base in 8 bits with the LoRA weights and heads of one adapter."""

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
        manifest, base = read_manifest(adapter), find_base(base_model)
        check_base(manifest, adapter, weights_sha256(base))
        where = pick_device(device)
        with quiet_loading():
            model = load_weights(load_encoder(base, precision, where), adapter).to(where)
        return cls(model, base, manifest)

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """Score cleaned, masked messages, in their order.

        Raises:
            AdapterError: the model gave a value that is not finite.
        """
        by_length = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        scores: dict[int, Scores] = {}
        for start in range(0, len(texts), BATCH):
            rows = by_length[start : start + BATCH]
            scores.update(zip(rows, self._score_batch([texts[row] for row in rows]), strict=True))
        return [scores[row] for row in range(len(texts))]

    def logits(self, texts: Sequence[str]) -> dict[str, Tensor]:
        """Raw outputs of the heads for one batch, each (messages, outputs), on the CPU."""
        tokens = self._tokenizer(
            [prepare(text) for text in texts],
            padding=True,
            truncation=True,
            max_length=MAX_TOKENS,
            return_tensors="pt",
        ).to(self._device)
        with torch.inference_mode():
            logits = self._model(tokens["input_ids"], tokens["attention_mask"])
        return {name: values.float().cpu() for name, values in logits.items()}

    def _score_batch(self, texts: Sequence[str]) -> Iterator[Scores]:
        logits = self.logits(texts)
        for name, values in logits.items():
            if not torch.isfinite(values).all():
                raise AdapterError(
                    f"adapter {self.manifest.name}: expected finite scores, found NaN or infinity "
                    f"from the head {name}. Go back to an earlier adapter, or set "
                    "AMENDS_PRECISION=fp32."
                )
        polarity = logits["polarity"].softmax(1).tolist()
        valence = logits["valence"][:, 0].clamp(-1, 1).tolist()
        intensity = level_probs(logits["intensity"]).tolist()
        complaint = logits["complaint"][:, 0].sigmoid().tolist()
        for probs, value, levels, complains in zip(
            polarity, valence, intensity, complaint, strict=True
        ):
            yield Scores(
                polarity_probs=dict(zip(Polarity, probs, strict=True)),
                valence=value,
                intensity_probs=dict(zip(Intensity, levels, strict=True)),
                complaint=complains,
            )
