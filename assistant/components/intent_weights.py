"""Logistic regression over features of messages: fitted with scikit-learn, run as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

MIN_INTENTS = 3


@dataclass(frozen=True)
class IntentWeights:
    """What a training leaves behind.

    Attributes:
        intents: Names of the intents.
        weights: Shape (dimension, intents).
        bias: Shape (intents,).
        encoder: SHA-256 of the encoder whose vectors these weights were fitted on.
    """

    intents: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    encoder: str

    @classmethod
    def fit(
        cls, vectors: np.ndarray | csr_matrix, intents: Sequence[str], encoder: str, c: float
    ) -> "IntentWeights":
        """Fit on vectors of shape (examples, dimension) and their intents.

        Args:
            vectors: Features of the examples.
            intents: The intent of each.
            encoder: SHA-256 of the encoder that the vectors come from.
            c: How closely to follow the examples; scikit-learn's inverse regularisation, above 0.

        Raises:
            ValueError: fewer than three intents.
        """
        found = sorted(set(intents))
        if len(found) < MIN_INTENTS:
            raise ValueError(
                f"intent examples: expected at least {MIN_INTENTS} intents, found {len(found)} "
                f"({', '.join(found) or 'none'}). Add examples under assistant/data/nlu."
            )
        # Balanced: an intent with more examples (complaints have many topics) is not likelier.
        model = LogisticRegression(C=c, max_iter=1000, tol=1e-3, class_weight="balanced")
        model.fit(vectors, list(intents))
        weights = np.ascontiguousarray(model.coef_.T)
        return cls(model.classes_.astype(str), weights, model.intercept_, encoder)

    def probabilities(self, vectors: np.ndarray) -> np.ndarray:
        """Probability of each intent, shape (texts, intents), for vectors (texts, dimension)."""
        # Not by `@`: its threads spin after every message and take the time of the others.
        logits = np.einsum("td,di->ti", vectors, self.weights, optimize=False) + self.bias
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def save(self, path: Path) -> None:
        """Write the arrays as npz: plain numbers and text, nothing that runs when read."""
        np.savez(
            path,
            intents=self.intents,
            weights=self.weights,
            bias=self.bias,
            encoder=np.array(self.encoder),
        )

    @classmethod
    def load(cls, path: Path) -> "IntentWeights":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            encoder = str(arrays["encoder"])
            return cls(arrays["intents"], arrays["weights"], arrays["bias"], encoder)
