"""The sentence encoder: one loaded model for categories and policies."""

import threading
from collections.abc import Sequence
from typing import Any

from sentence_transformers import SentenceTransformer
from torch import Tensor

from nlu.text import meaning


class SharedEncoder:
    """An encoder that several threads may ask; its tokenizer bears only one at a time."""

    def __init__(self, encoder: SentenceTransformer) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()

    def encode(self, texts: list[str], **options: Any) -> Tensor:  # noqa: ANN401 - handed on
        """Encode as `SentenceTransformer.encode` does, one call after the other."""
        with self._lock:
            vectors: Tensor = self._encoder.encode(texts, **options)
        return vectors


def embed(encoder: SentenceTransformer | SharedEncoder, texts: Sequence[str]) -> Tensor:
    """Vectors of length 1 of what cleaned, masked texts are about, as (texts, width)."""
    vectors: Tensor = encoder.encode(
        [meaning(text) for text in texts],
        convert_to_tensor=True,
        normalize_embeddings=True,
        show_progress_bar=False,
    )
    return vectors.float().cpu()
