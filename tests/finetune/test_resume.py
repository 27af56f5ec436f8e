"""Killed runs go on, full disks lose nothing, and nothing half-written is ever loaded."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from amends.cli import app
from amends.settings import ROOT, load_settings
from finetune import trainer as trainer_module
from finetune.trainer import WEIGHTS_FILE, HeadsTrainer
from nlu import adapter as adapter_module
from nlu.classifier import Classifier
from nlu.manifest import read_manifest

pytestmark = pytest.mark.usefixtures("_tiny_env")

BEGUN = """
import os, signal, sys
from pathlib import Path
from finetune import pipeline, run_folder, trainer
from amends.cli import app

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def killing_at(call, count):
    calls = []
    def counted(*args, **kwargs):
        calls.append(1)
        return kill() if len(calls) == count else call(*args, **kwargs)
    return counted

{patch}
app(sys.argv[1:])
"""
STEP = "trainer.HeadsTrainer.training_step"
IN_THE_MIDDLE = f"{STEP} = killing_at({STEP}, {{}})"
SAVE = "trainer.HeadsTrainer._save_optimizer_and_scheduler"
IN_A_CHECKPOINT = f"{SAVE} = killing_at({SAVE}, 2)"
TAKE = "run_folder.RunFolder.take_stage"
BETWEEN_STAGES = f"{TAKE} = killing_at({TAKE}, 2)"
BEFORE_IT_IS_FINISHED = "pipeline.finish = kill"


def arguments(own: Path, output: Path, *more: str) -> list[str]:
    options = {"--config": own / "own.toml", "--data": own, "--output": output}
    return ["train", *(str(word) for pair in options.items() for word in pair), *more]


def run(own: Path, output: Path, *more: str) -> Result:
    return CliRunner(env={"COLUMNS": "100"}).invoke(app, arguments(own, output, *more))


def done(result: Result) -> None:
    assert result.exit_code == 0, result.output + repr(result.exception)


def refused(result: Result) -> str:
    """The one line of an error, after checks that it is all there is."""
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    return result.stderr.removeprefix("amends: ").rstrip("\n")


def kill_a_run(own: Path, output: Path, patch: str) -> None:
    script = [sys.executable, "-c", BEGUN.format(patch=patch), *arguments(own, output)]
    killed = subprocess.run(script, check=False, cwd=ROOT, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr


def load(output: Path) -> Classifier:
    settings = load_settings()
    return Classifier.load(output, settings.base_model, settings.precision, "cpu")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry a batch that is trained on in this process."""
    taken: list[int] = []
    step = HeadsTrainer.training_step

    def counted(*args: Any, **kwargs: Any) -> Any:
        taken.append(1)
        return step(*args, **kwargs)

    monkeypatch.setattr(HeadsTrainer, "training_step", counted)
    return taken


@pytest.fixture(scope="module")
def unbroken() -> dict[str, Any]:
    return {}


@pytest.fixture
def version(unbroken: dict[str, Any], own: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of the weights that a run which nobody kills ends with."""
    if not unbroken:
        output = tmp_path_factory.mktemp("unbroken") / "adapter"
        done(run(own, output))
        unbroken["version"] = read_manifest(output).version
    return str(unbroken["version"])


# 54 rows for training, of which the second stage reads each twice: 14 steps a stage.
@pytest.mark.parametrize(
    ("patch", "left"),
    [
        (IN_THE_MIDDLE.format(12), 14 - 9 + 14),
        (IN_A_CHECKPOINT, 14 - 3 + 14),
        (BETWEEN_STAGES, 14),
        (BEFORE_IT_IS_FINISHED, 0),
    ],
    ids=["in the second epoch", "in a checkpoint", "between stages", "when all is trained"],
)
def test_a_killed_run_goes_on_to_the_very_same_weights(
    patch: str, left: int, own: Path, tmp_path: Path, version: str, steps: list[int]
) -> None:
    steps.clear()
    output = tmp_path / "adapter"
    kill_a_run(own, output, patch)
    assert "expected no unfinished run, found one" in refused(run(own, output))
    done(run(own, output, "--resume"))
    assert len(steps) == left
    assert read_manifest(output).version == version
    assert load(output).logits(["the kettle is late"])["polarity"].shape == (1, 3)
    assert not (tmp_path / "adapter.run").exists()


def fill_disk_at(monkeypatch: pytest.MonkeyPatch, where: object, call: int) -> None:
    """From its nth call on, what writes safetensors finds the disk full, with a part written."""
    calls: list[int] = []
    save: Callable[..., None] = where.save_file  # type: ignore[attr-defined]

    def save_file(tensors: Any, path: Path) -> None:
        calls.append(1)
        if len(calls) >= call:
            path.write_bytes(b"half of it")
            raise OSError(28, "No space left on device")
        save(tensors, path)

    monkeypatch.setattr(where, "save_file", save_file)


@pytest.mark.parametrize(
    ("where", "call", "left"),
    [(trainer_module, 2, 14 - 3 + 14), (adapter_module, 1, 0)],
    ids=["in a checkpoint", "at the end"],
)
def test_a_full_disk_is_told_and_loses_nothing(
    where: object,
    call: int,
    left: int,
    own: Path,
    tmp_path: Path,
    version: str,
    steps: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = tmp_path / "adapter"
    with monkeypatch.context() as patch:
        fill_disk_at(patch, where, call)
        message = refused(run(own, output))
    assert message == (
        f"{output}: expected room for checkpoints and the adapter, found the disk full. "
        "Make room and go on with --resume."
    )
    assert [path.name for path in tmp_path.iterdir() if path.name != "state"] == ["adapter.run"]
    steps.clear()
    done(run(own, output, "--resume"))
    assert len(steps) == left
    assert read_manifest(output).version == version


def test_a_full_disk_leaves_the_earlier_adapter(
    own: Path, tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "adapter"
    done(run(own, output, "--set", 'stages=[{"sources": {"own": 1}, "epochs": 1}]'))
    earlier = read_manifest(output)
    with monkeypatch.context() as patch:
        fill_disk_at(patch, adapter_module, 1)
        refused(run(own, output))
    assert read_manifest(output) == earlier
    assert load(output).manifest == earlier


@pytest.fixture(scope="module")
def cut_off(unbroken: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cut_off")


@pytest.fixture
def unfinished(cut_off: Path, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an adapter would have been, had its run not stopped in the first stage."""
    if not (cut_off / "adapter.run").exists():
        with monkeypatch.context() as patch:
            fill_disk_at(patch, trainer_module, 2)
            refused(run(own, cut_off / "adapter"))
    shutil.copytree(cut_off / "adapter.run", tmp_path / "adapter.run")
    return tmp_path / "adapter"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (["--seed", "9"], "another configuration"),
        (["--set", "learning_rate=0.002"], "another configuration"),
    ],
)
def test_resuming_with_another_configuration_is_refused(
    changes: list[str], found: str, unfinished: Path, own: Path
) -> None:
    message = refused(run(own, unfinished, "--resume", *changes))
    assert message == (
        f"{unfinished}.run: expected what the run began with, found {found}. Give the same "
        "options, files and settings again, or remove the folder to begin anew."
    )


def test_resuming_with_other_data_is_refused(unfinished: Path, own: Path, tmp_path: Path) -> None:
    other = shutil.copytree(own, tmp_path / "other")
    with (other / "own.csv").open("a") as file:
        file.write("one more lamp,neutral,0\n")
    assert "found another data. " in refused(run(other, unfinished, "--resume"))


def test_resuming_on_another_base_is_refused(
    unfinished: Path, own: Path, still_settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENDS_PRECISION", "int8")
    assert "found another precision. " in refused(run(own, unfinished, "--resume"))


def test_resuming_what_was_not_begun_is_refused(own: Path, tmp_path: Path) -> None:
    message = refused(run(own, tmp_path / "adapter", "--resume"))
    assert message.startswith(f"{tmp_path}/adapter.run: expected an unfinished run, found none (")
    assert message.endswith("Leave out --resume to begin one.")


def test_a_half_written_file_of_a_run_is_not_loaded(
    unfinished: Path, own: Path, version: str, steps: list[int]
) -> None:
    """What a kill cut off in the last checkpoint: its state, which the Trainer writes last."""
    stage = unfinished.with_name("adapter.run") / "stage-1"
    later = shutil.copytree(stage / "checkpoint-3", stage / "checkpoint-9")
    (later / "trainer_state.json").write_text('{"global_step": 9, "log_hist')
    (later / WEIGHTS_FILE).write_bytes(b"half of it")
    done(run(own, unfinished, "--resume"))
    assert len(steps) == 14 - 3 + 14
    assert read_manifest(unfinished).version == version


def test_two_processes_train_one_adapter(own: Path, tmp_path: Path) -> None:
    output = tmp_path / "adapter"
    # What `accelerate launch` starts on GPUs; on CPUs alone it would want MPI.
    launch = ["-m", "torch.distributed.run", "--nproc_per_node", "2", "-m", "amends"]
    short = ["--set", 'stages=[{"sources": {"own": 1}, "epochs": 1}]']
    done = subprocess.run(
        [sys.executable, *launch, *arguments(own, output, *short)],
        check=False, cwd=ROOT, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    manifest = json.loads((output / "manifest.json").read_text())
    assert manifest["training"]["processes"] == 2
    assert load(output).logits(["the kettle is late"])["polarity"].isfinite().all()
    assert {path.name for path in tmp_path.iterdir()} - {"state"} == {"adapter"}
