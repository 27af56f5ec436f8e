"""What the model reads: tokens and labels, in another order and other letters each epoch."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedTokenizerBase

from finetune.augment import augmenter
from finetune.batches import Collate, InLengths, TokenizedSamples
from finetune.samples import Sample
from nlu.scoring_model import MAX_TOKENS, load_tokenizer


@pytest.fixture(scope="module")
def tokenizer(tiny_base: Path) -> PreTrainedTokenizerBase:
    return load_tokenizer(tiny_base)


def sample(text: str, **labels: float) -> Sample:
    return Sample(text, "own", text, "train", labels)


def test_a_batch_is_padded_and_its_labels_stacked(tokenizer: PreTrainedTokenizerBase) -> None:
    samples = TokenizedSamples(
        [sample("late", complaint=1.0), sample("it is in stock now", polarity=1.0)], tokenizer
    )
    batch = Collate(tokenizer, ["complaint", "polarity"])([samples[0], samples[1]])
    assert batch["input_ids"].shape == batch["attention_mask"].shape == (2, 7)
    assert batch["attention_mask"].sum(1).tolist() == [3, 7]
    assert batch["labels"]["complaint"][0] == 1
    assert math.isnan(batch["labels"]["complaint"][1])
    assert batch["labels"]["polarity"].tolist()[1] == 1


def test_long_messages_are_cut(tokenizer: PreTrainedTokenizerBase) -> None:
    [row] = TokenizedSamples([sample("late " * 500)], tokenizer)
    assert len(row["input_ids"]) == MAX_TOKENS


def test_each_epoch_and_each_copy_reads_other_letters(tokenizer: PreTrainedTokenizerBase) -> None:
    rows = [sample("the kettle never arrived and nobody answers")] * 2
    samples = TokenizedSamples(rows, tokenizer, augmenter(["typos"], 1.0, seed=1))
    read: dict[int, list[list[int]]] = {}
    for epoch in (0, 1):
        samples.epoch = epoch
        read[epoch] = [samples[row]["input_ids"] for row in range(2)]
    assert len({tuple(tokens) for epoch in read.values() for tokens in epoch}) == 4
    assert [samples[row]["input_ids"] for row in range(2)] == read[1]


@pytest.fixture
def lengths(tokenizer: PreTrainedTokenizerBase) -> TokenizedSamples:
    return TokenizedSamples([sample("late " * (n % 20 + 1)) for n in range(400)], tokenizer)


def test_every_row_is_read_once_an_epoch_in_an_order_of_its_own(lengths: TokenizedSamples) -> None:
    order = InLengths(lengths, 8, seed=1)
    found = []
    for epoch in (0, 0, 1):
        lengths.epoch = epoch
        found.append(list(order))
    assert sorted(found[0]) == list(range(len(order))) == list(range(400))
    assert found[0] == found[1] != found[2]
    lengths.epoch = 0
    assert list(InLengths(lengths, 8, seed=2)) != found[0]


def test_a_batch_holds_messages_of_like_length(lengths: TokenizedSamples) -> None:
    order = list(InLengths(lengths, 8, seed=1))
    batches = [[lengths.lengths[row] for row in order[at : at + 8]] for at in range(8, 400, 8)]
    spread = sum(max(batch) - min(batch) for batch in batches) / len(batches)
    shuffled = torch.randperm(400).tolist()
    apart = [[lengths.lengths[row] for row in shuffled[at : at + 8]] for at in range(8, 400, 8)]
    assert spread < sum(max(batch) - min(batch) for batch in apart) / len(apart) / 3


def test_labels_are_those_of_the_changed_sample(tokenizer: PreTrainedTokenizerBase) -> None:
    samples = TokenizedSamples(
        [sample("fine", intensity=2.0)], tokenizer, lambda s, _: replace(s, labels={})
    )
    assert samples[0]["labels"] == {}
