"""A search finds better values on the validation rows, and outlives a kill."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from typer.testing import CliRunner

from amends.cli import app
from amends.settings import ROOT, Settings
from finetune import tune as tune_module
from finetune.config import ConfigError, TrainConfig, load_config
from finetune.fit import TrainingError
from finetune.samples import DataError, Sample
from finetune.search_space import SPACE, load_space
from finetune.tune import Search, StudyError, Tried, tune, validation_loss

SPACE_FILE = """
learning_rate = { low = 1e-4, high = 1e-2, log = true }
"adapter.rank" = { choices = [2, 4] }
"""
KILLED_IN_THE_SECOND_TRIAL = """
import os, signal, sys
from amends.cli import app
from finetune import tune
fit, calls = tune.fit, []

def killing(*args, **kwargs):
    calls.append(1)
    model = fit(*args, **kwargs)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return model

tune.fit = killing
app(sys.argv[1:])
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return tmp_path / "tune.db"


@pytest.fixture
def make_search(rows: list[Sample], tiny_settings: Settings, make_config) -> Callable[..., Search]:
    def make(**changes: Any) -> Search:
        space = SPACE.validate_python({"learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}})
        given = {
            "samples": rows,
            "settings": tiny_settings,
            "config": make_config(),
            "space": space,
            "data_sha256": {},
        }
        return Search(**{**given, **changes})

    return make


def ignore(_: Tried) -> None:
    """Nobody is told."""


def losses(found: list[Tried]) -> dict[int, float]:
    return {trial.number: trial.loss for trial in found}


def test_trials_differ_and_the_best_comes_first(
    make_search, study: Path, tiny_settings: Settings
) -> None:
    told: list[Tried] = []
    space = {"adapter.rank": {"choices": [2, 4]}, "learning_rate": {"low": 1e-4, "high": 1e-2}}
    search = make_search(space=SPACE.validate_python(space))
    found = tune(search, study, 3, told.append)
    assert [trial.number for trial in told] == [0, 1, 2]
    assert sorted(found, key=lambda trial: trial.number) == told
    assert [trial.loss for trial in found] == sorted(losses(found).values())
    assert len(set(losses(found).values())) == 3
    for trial in found:
        assert set(trial.changes) == set(space)
        assert trial.changes["adapter.rank"] in (2, 4)
        assert 1e-4 <= trial.changes["learning_rate"] <= 1e-2


def test_the_loss_of_a_trial_is_that_of_training_with_its_values(
    make_search, study: Path, rows: list[Sample], tiny_settings: Settings, train_tiny, make_config
) -> None:
    [trial] = tune(make_search(), study, 1, ignore)
    config = make_config(**trial.changes)
    model = train_tiny(config).model
    validation = [row for row in rows if row.split == "validation"]
    assert validation_loss(model, validation, tiny_settings, config) == pytest.approx(trial.loss)


def test_the_test_rows_change_nothing(make_search, rows: list[Sample], tmp_path: Path) -> None:
    tested = [replace(row, split="test", text=f"not {row.text}") for row in rows]
    wrong = [replace(row, labels={"valence": 1.0, "polarity": 2.0}) for row in tested]
    studies = [
        tune(make_search(samples=rows + more), tmp_path / f"{n}.db", 2, ignore)
        for n, more in enumerate(([], tested, wrong))
    ]
    assert studies[0] == studies[1] == studies[2]


def test_one_seed_gives_one_search(make_search, make_config, tmp_path: Path) -> None:
    found = [
        tune(make_search(config=make_config(seed=seed)), tmp_path / f"{n}.db", 2, ignore)
        for n, seed in enumerate((1, 1, 2))
    ]
    assert found[0] == found[1] != found[2]


def test_a_second_call_does_those_that_are_left_and_repeats_none(make_search, study: Path) -> None:
    told: list[Tried] = []
    first = tune(make_search(), study, 2, told.append)
    again = tune(make_search(), study, 2, told.append)
    assert first == again
    more = tune(make_search(), study, 4, told.append)
    assert [trial.number for trial in told] == [0, 1, 2, 3]
    assert len({trial.changes["learning_rate"] for trial in more}) == 4


def test_bad_trials_are_given_up(
    make_search, make_config, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first trials learn; those after them hardly, which their first epoch shows."""
    stages = [{"sources": {"own": 1}, "epochs": 3}]
    config = make_config(stages=stages, head_learning_rate=0.03)
    steps: list[int] = []
    learning = tune_module.changed

    def slow_at_the_end(config: TrainConfig, changes: dict[str, Any], origin: str) -> TrainConfig:
        slow = {"head_learning_rate": 1e-8} if len(steps) >= 5 else {}
        steps.append(1)
        return learning(config, {**changes, **slow}, origin)

    monkeypatch.setattr(tune_module, "changed", slow_at_the_end)
    space = SPACE.validate_python({"learning_rate": {"low": 1e-8, "high": 2e-8}})
    found = tune(make_search(config=config, space=space), study, 7, ignore)
    assert [trial.pruned for trial in found] == [False] * 5 + [True] * 2
    storage = f"sqlite:///{study}"
    [given_up, _] = optuna.load_study(study_name="amends", storage=storage).get_trials(
        states=[optuna.trial.TrialState.PRUNED]
    )
    assert list(given_up.intermediate_values) == [9]


def test_what_is_too_large_for_the_gpu_is_given_up(
    make_search, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_out(*_: object, **__: object) -> None:
        raise TrainingError("the GPU: expected room for batches")

    monkeypatch.setattr(tune_module, "fit", run_out)
    [trial] = tune(make_search(), study, 1, ignore)
    assert trial.pruned


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"data_sha256": {"own.csv": "other"}}, "another data"),
        ({"space": SPACE.validate_python({"dropout": {"low": 0, "high": 0.5}})}, "another search"),
    ],
)
def test_going_on_with_another_search_is_refused(
    changes: dict[str, Any], found: str, make_search, study: Path
) -> None:
    tune(make_search(), study, 1, ignore)
    with pytest.raises(StudyError) as error:
        tune(make_search(**changes), study, 2, ignore)
    assert str(error.value) == (
        f"--study {study}: expected what the study began with, found {found}. Give the same "
        "options, files and settings again, or choose another file."
    )


@pytest.mark.parametrize("file", ["notes.txt", "missing/tune.db"])
def test_a_file_that_is_no_study_is_refused(file: str, make_search, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("years of work, " * 100)
    with pytest.raises(StudyError) as error:
        tune(make_search(), tmp_path / file, 1, ignore)
    expected = f"--study {tmp_path / file}: expected a study of `amends tune`, or a file that can"
    assert str(error.value).startswith(expected)
    assert "\n" not in str(error.value)
    assert (tmp_path / "notes.txt").read_text().startswith("years of work, ")


def test_without_rows_to_compare_by_nothing_is_tried(
    make_search, rows: list[Sample], study: Path
) -> None:
    unlike = [
        replace(row, labels={"polarity": 1.0}) if row.split == "validation" else row for row in rows
    ]
    with pytest.raises(DataError) as error:
        tune(make_search(samples=unlike), study, 1, ignore)
    assert str(error.value) == (
        "expected rows for validation with labels of every head, found none of valence, complaint. "
        "Raise validation_share of their sources, or give more labels."
    )
    assert not study.exists()


def test_what_is_tried_by_default_can_be_tried() -> None:
    assert {"learning_rate", "adapter.rank"} <= set(load_space(None, load_config()))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("learning_rate = 1", "learning_rate: expected low and high, or choices, found 1 ("),
        ("learning_rate = {low = 2, high = 1}", "learning_rate: expected low and high, or choices"),
        ("dropout = {low = 0, high = 1, log = true}", "dropout: expected low and high, or choices"),
        ("seed = {choices = [1]}", "seed: expected low and high, or choices, found "),
        (
            "learning_rat = {choices = [1, 2]}",
            "learning_rat: Extra inputs are not permitted; found",
        ),
        ("dropout = {low = 0.0, high = 2.0}", "dropout: Input should be less than 1; found 2.0."),
        ('"heads.polarity.weight" = {low = 1, high = 2}', "expected nothing that changes what is"),
        ('"stages.9.rate" = {choices = [1, 2]}', None),
        ("", "expected something to try, found nothing. Name it."),
        ("dropout = ", "expected a TOML file in UTF-8, found: Invalid value"),
    ],
)
def test_a_space_that_cannot_be_searched_is_told(
    text: str, told: str | None, make_config, tmp_path: Path
) -> None:
    path = tmp_path / "search.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load_space(path, make_config())
    start = f"--search {path}: {told}" if told else "9: expected the name of a value of the configu"
    assert str(error.value).startswith(start)


def test_a_list_of_the_configuration_can_be_searched(make_config, tmp_path: Path) -> None:
    path = tmp_path / "search.toml"
    path.write_text(
        '"stages.0.rate" = {low = 0.1, high = 1.0}\naugment = {choices = [[], ["typos"]]}'
    )
    assert set(load_space(path, make_config())) == {"stages.0.rate", "augment"}


def arguments(own: Path, study: Path, trials: int, *more: object) -> list[str]:
    (own / "search.toml").write_text(SPACE_FILE)
    options = {"--config": own / "own.toml", "--data": own, "--study": study, "--trials": trials}
    options["--search"] = own / "search.toml"
    return ["tune", *(str(word) for pair in options.items() for word in pair), *map(str, more)]


@pytest.mark.usefixtures("_tiny_env")
def test_a_killed_search_goes_on_and_its_best_values_train(
    own: Path, study: Path, tmp_path: Path
) -> None:
    begun = [sys.executable, "-c", KILLED_IN_THE_SECOND_TRIAL, *arguments(own, study, 2)]
    killed = subprocess.run(begun, check=False, cwd=ROOT, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert killed.stdout.startswith("trial 0: loss ")
    assert killed.stdout.count("\n") == 1

    best = tmp_path / "best.json"
    result = CliRunner().invoke(app, arguments(own, study, 2, "--json", best))
    assert result.exit_code == 0, result.output
    first, second, third = result.stdout.splitlines()
    assert first.startswith("trial 2: loss ")
    trials = json.loads(best.read_text())
    assert {trial["number"] for trial in trials} == {0, 2}
    assert trials[0]["loss"] < trials[1]["loss"]
    assert second == f"Best: trial {trials[0]['number']}. Train with it:"

    train = ["train", "--config", own / "own.toml", "--data", own, "--output", tmp_path / "adapter"]
    options = third.split()
    assert options[::2] == ["--set", "--set"]
    result = CliRunner().invoke(app, [*map(str, train), *options])
    assert result.exit_code == 0, result.output
    manifest = json.loads((tmp_path / "adapter" / "manifest.json").read_text())
    learnt = manifest["training"]
    assert learnt["learning_rate"] == pytest.approx(trials[0]["changes"]["learning_rate"], rel=1e-3)
    assert learnt["adapter"]["rank"] == trials[0]["changes"]["adapter.rank"]
