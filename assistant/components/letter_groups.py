"""Which groups of letters a text is made of: what is left of a word when it is mistyped."""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SIZES = (2, 3, 4, 5)
BUCKETS = 4096
"""Groups share numbered buckets, so that nothing but a rarity for each needs to be kept."""
MAX_CHARS = 1000


@dataclass(frozen=True)
class LetterGroups:
    """Weighs groups of letters by how rare they are in the examples.

    Attributes:
        rarity: Inverse document frequency of each bucket, shape (BUCKETS,).
    """

    rarity: np.ndarray

    @classmethod
    def fit(cls, texts: Sequence[str]) -> "LetterGroups":
        """Learn the rarities from the examples."""
        found = np.zeros(BUCKETS)
        for text in texts:
            found[list(_counts(text))] += 1
        return cls((np.log((1 + len(texts)) / (1 + found)) + 1).astype(np.float32))

    def of(self, texts: Sequence[str]) -> np.ndarray:
        """Rows of length 1, shape (texts, BUCKETS); of a text without letters all 0."""
        rows = np.zeros((len(texts), BUCKETS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            counts = _counts(text)
            at = np.fromiter(counts, dtype=np.int64, count=len(counts))
            weights = 1 + np.log(np.fromiter(counts.values(), float, len(counts)))
            weights = weights * self.rarity[at]
            row[at] = weights / max(float(np.linalg.norm(weights)), 1e-9)
        return rows


def _counts(text: str) -> Counter[int]:
    words = [f" {word} " for word in text[:MAX_CHARS].split()]
    return Counter(
        zlib.crc32(word[start : start + size].encode()) % BUCKETS
        for word in words
        for size in SIZES
        for start in range(len(word) - size + 1)
    )
