"""Samples as the model reads them: token ids, and a tensor of labels for each head."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch.utils.data import Dataset, Sampler
from transformers import PreTrainedTokenizerBase
from transformers.trainer_pt_utils import get_length_grouped_indices

from finetune.samples import Sample
from nlu.scoring_model import MAX_TOKENS
from nlu.text import prepare

Change = Callable[[Sample, int], Sample]
"""Takes a sample and the number of the reading: another for each row and epoch."""


class TokenizedSamples(Dataset[dict[str, Any]]):
    """Samples as token ids with their labels; each epoch may change a sample anew.

    Attributes:
        epoch: Decides how samples are changed, and `InLengths` their order: a run that resumes in
            the middle of an epoch goes on with the rows that are left of it.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        tokenizer: PreTrainedTokenizerBase,
        change: Change | None = None,
    ) -> None:
        self.epoch = 0
        self._samples = samples
        self._tokenizer = tokenizer
        self._change = change
        self._tokens = self._tokenized(samples)

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, row: int) -> dict[str, Any]:
        sample, tokens = self._samples[row], self._tokens[row]
        if self._change:
            # Another number for each row and epoch: a copy of a row is changed otherwise.
            sample = self._change(sample, self.epoch * len(self) + row)
            tokens = self._tokenized([sample])[0]
        return {"input_ids": tokens, "labels": sample.labels}

    @property
    def lengths(self) -> list[int]:
        """Tokens of each sample, unchanged."""
        return [len(tokens) for tokens in self._tokens]

    def _tokenized(self, samples: Sequence[Sample]) -> list[list[int]]:
        texts = [prepare(sample.text) for sample in samples]
        tokens: list[list[int]] = self._tokenizer(texts, truncation=True, max_length=MAX_TOKENS)[
            "input_ids"
        ]
        return tokens


class InLengths(Sampler[int]):
    """Every row once, in another order each epoch, those of like length in a batch together.

    A third less padding is computed. The order depends on seed and epoch alone, so that every
    process, and a run that resumes, has the same.
    """

    def __init__(self, samples: TokenizedSamples, batch: int, seed: int) -> None:
        self._samples = samples
        self._lengths = samples.lengths
        self._batch = batch
        self._seed = seed

    def __len__(self) -> int:
        return len(self._samples)

    def __iter__(self) -> Iterator[int]:
        chance = torch.Generator().manual_seed(self._seed + self._samples.epoch)
        rows: list[int] = get_length_grouped_indices(self._lengths, self._batch, generator=chance)
        return iter(rows)


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
