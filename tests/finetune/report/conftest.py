"""A narrow base with random weights, an adapter on it, and rows of our own to measure it on."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
import torch
from own_rows import BAD, CALM, GOOD, MARKUP, SOURCE, few_resamples, filled, make_adapter
from transformers import BertConfig, BertModel

from amends.settings import Settings, load_settings
from finetune.config import TrainConfig, parse_config
from finetune.data import Data
from finetune.report.build import build
from finetune.report.measured import HeldOut, Measured
from finetune.report.model import Report
from finetune.report.subject import Subject
from nlu.base_model import WHEEL_MODEL, find_base
from nlu.heads import SERVED_HEADS
from nlu.scoring_model import load_tokenizer


def write(path: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two label files and complaint labels."""
    folder = tmp_path_factory.mktemp("data")
    kinds = [(BAD, "negative", -2.5, 1), (CALM, "neutral", 0.1, 0), (GOOD, "positive", 2.8, 0)]
    rows = [
        (text, polarity, valence, complaint, MARKUP if n % 2 else "food")
        for patterns, polarity, valence, complaint in kinds
        for n, text in enumerate(filled(patterns))
    ]
    write(folder / "shop.csv", "text,polarity,valence,complaint,domain", rows)
    films = [(f"the film: {text}", polarity) for text, polarity, *_ in rows]
    write(folder / "films.csv", "text,polarity", films)
    write(folder / "complaint_labels.csv", "id,text,category,polarity,intensity,escalate", labels())
    return folder


def labels() -> Iterable[Sequence[object]]:
    for n, text in enumerate(filled(BAD)):
        category = "delivery" if n % 4 == 2 else "damaged_or_defective"
        yield f"b{n}", f"@shop {text}", category, "negative", "strong", "yes"
    for n, text in enumerate(filled(CALM)):
        yield f"c{n}", f"@shop {text}", "other", "neutral", "weak", "no" if n % 7 else ""


@pytest.fixture(scope="session")
def config() -> TrainConfig:
    """Rows of a shop, which the last stage reads, and of films, which it does not."""
    served = {name: spec.model_dump() for name, spec in SERVED_HEADS.items()}
    shop = {"polarity": {}, "valence": {"scale": 0.25}, "complaint": {}}
    share = {"test_share": 50, "validation_share": 20}
    return parse_config(
        {
            "heads": served,
            "stages": [{"sources": {SOURCE: 1}, "epochs": 1}],
            "sources": [
                {"name": SOURCE, "path": "shop.csv", "labels": shop, **share},
                {"name": "films", "path": "films.csv", "labels": {"polarity": {}}, **share},
            ],
        },
        "test",
    )


@pytest.fixture(scope="session")
def held_out(folder: Path, config: TrainConfig) -> HeldOut:
    return HeldOut.read(config, Data(folder))


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two narrow layers with random weights and a real tokenizer."""
    folder = tmp_path_factory.mktemp("base")
    tokenizer = load_tokenizer(find_base(WHEEL_MODEL))
    torch.manual_seed(1)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    BertModel(BertConfig(vocab_size=len(tokenizer), intermediate_size=64, **size)).save_pretrained(
        folder
    )
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def report_settings(base: Path) -> Settings:
    changes = {"base_model": str(base), "precision": "fp32", "device": "cpu"}
    return load_settings().model_copy(update=changes)


@pytest.fixture(scope="session")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the heads that serve, none of which has learnt anything."""
    return make_adapter(base, tmp_path_factory.mktemp("adapters") / "tiny", SERVED_HEADS)


@pytest.fixture(scope="session")
def measured(adapter: Path, held_out: HeldOut, report_settings: Settings) -> Measured:
    return Measured(Subject.load(adapter, report_settings), held_out)


@pytest.fixture(scope="session")
def report(adapter: Path, held_out: HeldOut, report_settings: Settings) -> Report:
    with few_resamples():
        return build(adapter, held_out, report_settings)
