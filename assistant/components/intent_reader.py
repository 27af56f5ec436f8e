"""All that reads an intent out of a text: what is fitted on the examples, and kept in the model."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from assistant.components.intent_weights import IntentWeights
from assistant.components.letter_groups import LetterGroups
from assistant.components.plain_words import PlainWords
from assistant.components.sentence_encoder import SentenceEncoder

WEIGHTS_FILE, REST_FILE = "intents.npz", "reading.npz"
OUT_OF_SCOPE = "out_of_scope"
LETTERS_WEIGHT = 0.5
"""Length of the letter groups' part; the embedding's is 1. Chosen on assistant/tuning/dev.yml."""
NEAREST = 3


@dataclass(frozen=True)
class Read:
    """What was read out of some texts.

    Attributes:
        probabilities: Of each intent, shape (texts, intents).
        in_scope: How sure it is that a text asks the shop for something, 0 to 1: that it is not out
            of scope, times its likeness to the nearest requests among the examples.
    """

    probabilities: np.ndarray
    in_scope: np.ndarray


@dataclass(frozen=True)
class IntentReader:
    """Reads texts in plain words, by their embedding and their groups of letters.

    Attributes:
        encoder: Makes the embeddings.
        plain: Takes out what does not matter and mends typos.
        groups: Makes the groups of letters.
        weights: The logistic regression over both.
        requests: Unit vectors of the examples that ask for something, shape (examples, dimension).
    """

    encoder: SentenceEncoder
    plain: PlainWords
    groups: LetterGroups
    weights: IntentWeights
    requests: np.ndarray

    @classmethod
    def fit(
        cls,
        encoder: SentenceEncoder,
        texts: Sequence[str],
        intents: Sequence[str],
        c: float,
        small_talk: Collection[str] = (),
    ) -> "IntentReader":
        """Fit on examples.

        Args:
            encoder: Makes the embeddings.
            texts: The examples.
            intents: The intent of each.
            c: How closely to follow them; scikit-learn's inverse regularisation, above 0.
            small_talk: Intents that ask the shop for nothing, besides `out_of_scope`.

        Raises:
            ValueError: fewer than three intents.
        """
        plain = PlainWords(PlainWords.count(texts), encoder.words)
        written = [plain.write(text) for text in texts]
        vectors, groups = encoder.embed(written), LetterGroups.fit(written)
        features = _side_by_side(vectors, groups.of(written))
        # Most groups of letters are in no text: fitting is ten times as quick without the noughts.
        weights = IntentWeights.fit(csr_matrix(features), intents, encoder.sha256, c)
        asks = [intent not in {OUT_OF_SCOPE, *small_talk} for intent in intents]
        return cls(encoder, plain, groups, weights, vectors[asks])

    def read(self, texts: Sequence[str]) -> Read:
        """Read texts, none of them empty."""
        written = [self.plain.write(text) for text in texts]
        vectors = self.encoder.embed(written)
        features = _side_by_side(vectors, self.groups.of(written))
        probabilities = self.weights.probabilities(features)
        outside = probabilities[:, self.weights.intents == OUT_OF_SCOPE].sum(axis=1)
        return Read(probabilities, (1 - outside) * self._likeness(vectors))

    def _likeness(self, vectors: np.ndarray) -> np.ndarray:
        if not len(self.requests):
            return np.zeros(len(vectors))
        # Not by `@`: its threads spin after every message and take the time of the others.
        similarities = np.einsum("td,ed->te", vectors, self.requests, optimize=False)
        nearest = np.sort(similarities, axis=1)[:, -NEAREST:]
        return np.clip(nearest.mean(axis=1), 0, 1)

    def save(self, folder: Path) -> None:
        """Write arrays of plain numbers and text, nothing that runs when read."""
        self.weights.save(folder / WEIGHTS_FILE)
        np.savez(
            folder / REST_FILE,
            words=np.array(list(self.plain.counts), dtype=str),
            counts=np.array(list(self.plain.counts.values()), dtype=np.int64),
            rarity=self.groups.rarity,
            requests=self.requests,
        )

    @classmethod
    def load(cls, folder: Path, encoder: SentenceEncoder) -> "IntentReader":
        """Read what `save` wrote."""
        weights = IntentWeights.load(folder / WEIGHTS_FILE)
        with np.load(folder / REST_FILE, allow_pickle=False) as arrays:
            pairs = zip(arrays["words"].tolist(), arrays["counts"].tolist(), strict=True)
            plain = PlainWords(dict(pairs), encoder.words)
            groups = LetterGroups(arrays["rarity"])
            return cls(encoder, plain, groups, weights, arrays["requests"])


def _side_by_side(vectors: np.ndarray, groups: np.ndarray) -> np.ndarray:
    return np.hstack([vectors, LETTERS_WEIGHT * groups])
