"""Samples as the model reads them: token ids, and a tensor of labels for each head."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.utils.data import Dataset
from transformers import PreTrainedTokenizerBase

from finetune.samples import Sample
from nlu.scoring_model import MAX_TOKENS
from nlu.text import prepare

Change = Callable[[Sample, int], Sample]
"""Takes a sample and the number of the reading."""


class TokenizedSamples(Dataset[dict[str, Any]]):
    """Samples as token ids with their labels; each reading may change a sample anew."""

    def __init__(
        self,
        samples: Sequence[Sample],
        tokenizer: PreTrainedTokenizerBase,
        change: Change | None = None,
    ) -> None:
        self._samples = samples
        self._tokenizer = tokenizer
        self._change = change
        self._readings = [0] * len(samples)
        self._tokens = self._tokenized(samples)

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, row: int) -> dict[str, Any]:
        sample, tokens = self._samples[row], self._tokens[row]
        # Batches are put together by the length of the unchanged text, before it is read.
        length = len(tokens)
        if self._change:
            # Another number for each row and reading: a copy of a row is changed otherwise.
            sample = self._change(sample, self._readings[row] * len(self) + row)
            self._readings[row] += 1
            tokens = self._tokenized([sample])[0]
        return {"input_ids": tokens, "length": length, "labels": sample.labels}

    def _tokenized(self, samples: Sequence[Sample]) -> list[list[int]]:
        texts = [prepare(sample.text) for sample in samples]
        tokens: list[list[int]] = self._tokenizer(texts, truncation=True, max_length=MAX_TOKENS)[
            "input_ids"
        ]
        return tokens


class Collate:
    """Pads the token ids of a batch and stacks its labels; NaN where a sample has none."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, heads: Sequence[str]) -> None:
        self._tokenizer = tokenizer
        self._heads = heads

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Make one batch of rows."""
        tokens = self._tokenizer.pad(
            {"input_ids": [row["input_ids"] for row in rows]}, return_tensors="pt"
        )
        labels = {
            name: torch.tensor([row["labels"].get(name, math.nan) for row in rows])
            for name in self._heads
        }
        return {
            "input_ids": tokens["input_ids"],
            "attention_mask": tokens["attention_mask"],
            "labels": labels,
        }
