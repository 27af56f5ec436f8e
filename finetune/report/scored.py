"""What one classifier says of messages, each scored once."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from finetune.report.rows import Rows, Values
from nlu.classifier import Classifier


class Scored:
    """Keeps what a classifier said, since many figures are measured on the same messages."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self._logits: dict[str, dict[str, Tensor]] = {}

    def add(self, texts: Iterable[str]) -> None:
        """Score messages that are not known yet: in one go, it takes the least time."""
        new = [text for text in dict.fromkeys(texts) if text not in self._logits]
        if not new:
            return
        found = self.classifier.logits(new)
        for place, text in enumerate(new):
            self._logits[text] = {head: values[place] for head, values in found.items()}

    def outputs(self, rows: Rows, *, calibrated: bool = True) -> Values:
        """What the rows' head says of them, (rows, outputs); see `Classifier.probabilities`.

        Raises:
            AdapterError: a value is not finite.
        """
        return self.of(rows.texts, rows.head, calibrated=calibrated)

    def of(self, texts: Sequence[str], head: str, *, calibrated: bool = True) -> Values:
        """What a head says of messages, (messages, outputs).

        Raises:
            AdapterError: a value is not finite.
        """
        self.add(texts)
        logits = {
            name: torch.stack([self._logits[text][name] for text in texts])
            for name in self.classifier.manifest.heads
        }
        found = self.classifier.activated(logits, calibrated=calibrated)
        return np.array([row[head] for row in found], dtype=float)
