"""Folds: nothing that is tested was trained on, in the fold or in the stages that folds share."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from amends.settings import Settings, load_settings
from finetune.bench import cross_validate as module
from finetune.bench.cross_validate import CrossValidation, fold_of
from finetune.bench.protocols import PROTOCOLS
from finetune.config import TrainConfig
from finetune.samples import Sample

SHARED_WORDS = "the lamp hums"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Every source of the valence protocol, a few rows each, one sentence in two of them."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("amazon", "tweets", "movies", "news"):
        rows = [f"{n}_{k},1.{n},0.5,{name} row {n} {k}" for n in range(12) for k in range(2)]
        rows.append(f"99_1,2.0,0.5,{SHARED_WORDS}")
        header = "id,valence,stdev,text"
        (folder / f"valence_{name}.csv").write_text("\n".join([header, *rows]), "utf-8")
    return folder


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[Sample], TrainConfig]]:
    """What training was given; nothing is trained here."""
    calls: list[tuple[list[Sample], TrainConfig]] = []

    def train(
        samples: Sequence[Sample],
        output: Path,
        settings: Settings,
        config: TrainConfig,
        start: Path | None = None,
    ) -> None:
        calls.append((list(samples), config))

    monkeypatch.setattr(module, "train_or_go_on", train)
    monkeypatch.setattr(CrossValidation, "_decided", lambda *_: [])
    return calls


@pytest.fixture
def run(data: Path, tmp_path: Path) -> CrossValidation:
    protocol = next(p for p in PROTOCOLS if p.name == "valence_amazon")
    return CrossValidation(replace(protocol, seeds=1), data, tmp_path / "work", load_settings(), {})


def learnt(samples: Sequence[Sample]) -> set[str]:
    return {sample.text for sample in samples if sample.split == "train"}


def test_the_shared_stages_never_see_the_tested_set(
    run: CrossValidation, trained: list[tuple[list[Sample], TrainConfig]]
) -> None:
    run.train_shared()
    [(samples, config)] = trained
    assert [list(stage.sources) for stage in config.stages] == [
        ["valence_tweets", "valence_movies", "valence_news", "lexicon"]
    ]
    assert "tweets row 1 0" in learnt(samples)
    assert not [text for text in learnt(samples) if text.startswith("amazon row")]
    assert SHARED_WORDS not in learnt(samples)


def test_every_row_is_tested_once_and_its_review_never_learnt_beside(
    run: CrossValidation, trained: list[tuple[list[Sample], TrainConfig]]
) -> None:
    for number in range(5):
        run.fold(number)
    tested: list[str] = []
    for samples, config in trained:
        assert [list(stage.sources) for stage in config.stages] == [["valence_amazon"]]
        keys = {s.key for s in samples if s.split == "test"}
        assert (
            not {s.key for s in samples if s.split == "train" and s.source == "valence_amazon"}
            & keys
        )
        assert not learnt(samples) & {s.text for s in samples if s.split == "test"}
        tested += [s.text for s in samples if s.split == "test"]
    assert len(tested) == len(set(tested)) == 25
    assert len({config.seed for _, config in trained}) == 5


def test_what_is_trained_is_not_trained_again(
    run: CrossValidation, trained: list[tuple[list[Sample], TrainConfig]]
) -> None:
    run.start.mkdir(parents=True)
    run.train_shared()
    assert trained == []


def test_a_fold_is_where_its_key_says(run: CrossValidation) -> None:
    assert {fold_of(f"{n}", 5) for n in range(12)} <= set(range(5))


def test_trainings_of_one_fold_differ_in_their_seed_and_are_averaged(
    run: CrossValidation,
    trained: list[tuple[list[Sample], TrainConfig]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    averaged: list[list[str]] = []

    def save_soup(parts: Sequence[Path], folder: Path) -> None:
        averaged.append([part.name for part in parts] + [folder.name])
        for part in parts:
            part.mkdir(parents=True)

    monkeypatch.setattr(module, "save_soup", save_soup)
    twice = replace(run, protocol=replace(run.protocol, seeds=2))
    twice.fold(3)
    assert averaged == [["valence_amazon-3-0", "valence_amazon-3-1", "valence_amazon-3"]]
    assert [config.seed for _, config in trained] == [4, 104]
    assert [list(stage.sources) for _, config in trained for stage in config.stages] == [
        ["valence_amazon"],
        ["valence_amazon"],
    ]
    assert not list(twice.work.iterdir()), "parts are left behind"
