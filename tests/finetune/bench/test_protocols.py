"""The protocols: their configurations hold what they measure, and no test row leaks."""

import numpy as np
import pytest

from finetune.bench.cross_validate import Fold, fold_of
from finetune.bench.page import protocol_rows
from finetune.bench.protocols import PROTOCOLS, Protocol
from finetune.config import load_config


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda p: p.name)
def test_the_configuration_has_what_is_measured(protocol: Protocol) -> None:
    config = load_config(protocol.config)
    sources = {source.name: source for source in config.sources}
    assert protocol.head in config.heads
    assert protocol.head in sources[protocol.source].labels
    assert protocol.floor < protocol.aim


def test_sst5_is_never_measured_with_its_own_sentences() -> None:
    config = load_config(next(p for p in PROTOCOLS if p.name == "sst5").config)
    assert not [s.name for s in config.sources if "movies" in s.path]


def test_folds_are_about_equal_and_never_move() -> None:
    places = [fold_of(f"key {n}", 10) for n in range(5000)]
    counts = np.bincount(places, minlength=10)
    assert counts.sum() == 5000
    assert counts.min() > 400
    assert [fold_of(key, 5) for key in ("1", "2", "abc")] == [0, 4, 3]


@pytest.mark.parametrize(
    ("found", "decided"),
    [("valence_amazon", [0.2, 0.9]), ("complaint_tweets", [0.0, 1.0])],
)
def test_what_is_decided(found: str, decided: list[float]) -> None:
    protocol = next(p for p in PROTOCOLS if p.name == found)
    assert protocol.decide([[0.2], [0.9]]).tolist() == decided


def test_a_level_is_the_likeliest() -> None:
    protocol = next(p for p in PROTOCOLS if p.name == "sst5")
    assert protocol.decide([[0.1, 0.5, 0.2, 0.1, 0.1], [0, 0, 0, 0, 1]]).tolist() == [1.0, 4.0]


def test_the_table_says_mean_spread_and_what_8_bits_change() -> None:
    right = [1.0, 0.0, 1.0, 0.0]
    half = [1.0, 0.0, 0.0, 1.0]
    folds = [
        Fold(truth=right, found={"fp32": right, "int8": half}, seconds=60),
        Fold(truth=right, found={"fp32": half, "int8": half}, seconds=60),
    ]
    [row] = protocol_rows({"subjectivity": folds})
    assert row["mean"] == 0.75
    assert row["sd"] == 0.25
    assert (row["least"], row["most"], row["rows"]) == (0.5, 1.0, 8)
    assert row["change"] == -25.0
    assert row["verdict"] == "under the floor"
