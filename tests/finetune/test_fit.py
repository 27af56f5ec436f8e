"""A model is fitted as the configuration says: methods, steps, stopping, chance, memory."""

import contextlib
import os
import pty
import termios
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import TrainerCallback

from amends.settings import Settings
from finetune import fit as fit_module
from finetune.fit import TrainingError
from finetune.samples import Sample
from finetune.trainer import HeadsTrainer, trained_weights
from nlu.classifier import Classifier

METHODS = ["lora", "rslora", "dora", "adalora", "head_only", "full"]
STILL = {"dropout": 0.0}


class Recorder(TrainerCallback):
    """Writes down what happens in training."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.steps: list[int] = []
        self.weights: list[dict[str, Tensor]] = []
        self.rates: list[float] = []

    def on_step_end(self, args: Any, state: Any, control: Any, model: Any, **more: Any) -> None:
        self.steps.append(state.global_step)
        self.weights.append({n: w.clone() for n, w in trained_weights(model).items()})
        self.rates.append(more["optimizer"].param_groups[-1]["lr"])

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any, **_: Any) -> None:
        self.losses.append(metrics["eval_loss"])


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    original = fit_module.callbacks
    monkeypatch.setattr(
        fit_module, "callbacks", lambda *args, **kwargs: [*original(*args, **kwargs), recorder]
    )
    return recorder


def assert_close(first: dict[str, Tensor], second: dict[str, Tensor], atol: float) -> None:
    assert set(first) == set(second)
    for name, weight in first.items():
        torch.testing.assert_close(weight, second[name], atol=atol, rtol=0, msg=name)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_learns_what_it_says_and_nothing_else(
    method: str, train_tiny, make_config
) -> None:
    trained = train_tiny(make_config(adapter={"method": method, "rank": 4}))
    learns = set(trained_weights(trained.model))
    heads = {name for name in learns if name.startswith("heads.")}
    assert {name.split(".")[1] for name in heads} == {"polarity", "valence", "complaint"}
    rest = learns - heads
    assert not any("pooler" in name for name in rest)
    if method == "head_only":
        assert rest == set()
    elif method == "full":
        assert any("word_embeddings" in name for name in rest)
    else:
        assert rest
        assert all(".lora_" in name for name in rest)


def test_an_8_bit_base_is_as_it_was_after_training_in_bfloat16(
    train_tiny, make_config, tiny_settings: Settings
) -> None:
    """Else the model in memory is not the one that is loaded."""
    settings = tiny_settings.model_copy(update={"precision": "int8"})
    trained = train_tiny(make_config(bf16=True), settings=settings)
    loaded = Classifier.load(trained.folder, settings.base_model, "int8", "cpu")
    expected = dict(loaded.model.named_parameters())
    assert all(torch.equal(w, expected[n]) for n, w in trained.model.named_parameters())
    found = trained.in_memory.logits(["the kettle is late"])
    assert_close(found, loaded.logits(["the kettle is late"]), atol=1e-5)


def test_one_seed_gives_one_version_and_another_seed_another(train_tiny, make_config) -> None:
    versions = [train_tiny(make_config(seed=seed)).manifest.version for seed in (1, 1, 2)]
    assert versions[0] == versions[1] != versions[2]


def test_accumulated_gradients_are_those_of_the_bigger_batch(
    train_tiny, make_config, still_settings: Settings
) -> None:
    shapes = [{"batch_size": 8}, {"batch_size": 2, "accumulation": 4}]
    big, added = (
        train_tiny(make_config(**STILL, **shape), settings=still_settings) for shape in shapes
    )
    assert_close(trained_weights(big.model), trained_weights(added.model), atol=1e-5)


@pytest.mark.parametrize("method", ["lora", "full"])
def test_checkpointed_gradients_are_the_same(
    method: str, train_tiny, make_config, still_settings: Settings
) -> None:
    config = {**STILL, "adapter": {"method": method, "rank": 4}}
    plain, checkpointed = (
        train_tiny(make_config(**config, gradient_checkpointing=on), settings=still_settings)
        for on in (False, True)
    )
    assert checkpointed.model.encoder.is_gradient_checkpointing
    assert_close(trained_weights(plain.model), trained_weights(checkpointed.model), atol=1e-5)


def test_the_rate_rises_then_falls_and_each_stage_has_its_share(
    recorder: Recorder, train_tiny, make_config
) -> None:
    stages = [{"sources": {"own": 1}, "epochs": 1, "rate": rate} for rate in (1.0, 0.5)]
    train_tiny(make_config(stages=stages, warmup_share=0.4, head_learning_rate=0.01))
    assert recorder.steps == [*range(1, 10), *range(1, 10)]
    for rates, peak in ((recorder.rates[:9], 0.01), (recorder.rates[9:], 0.005)):
        assert max(rates) == pytest.approx(peak)
        highest = rates.index(max(rates))
        assert 0 < highest < 8
        assert rates == sorted(rates[:highest]) + sorted(rates[highest:], reverse=True)
        assert rates[-1] == pytest.approx(0, abs=1e-6)


def backwards(rows: list[Sample]) -> list[Sample]:
    """What is learnt from these makes validation worse, step by step."""
    return [replace(row, labels=flipped(row)) if row.split == "validation" else row for row in rows]


def flipped(row: Sample) -> dict[str, float]:
    labels = row.labels
    return {
        "polarity": 2 - labels["polarity"],
        "valence": -labels["valence"],
        "complaint": 1 - labels["complaint"],
    }


@pytest.mark.parametrize("averaging", [0.0, 0.5])
def test_early_stopping_stops_and_keeps_the_best(
    averaging: float,
    recorder: Recorder,
    train_tiny,
    make_config,
    rows: list[Sample],
    still_settings: Settings,
) -> None:
    stages = [{"sources": {"own": 1}, "epochs": 10}]
    config = make_config(
        **STILL,
        stages=stages,
        patience=2,
        evaluations=3,
        averaging=averaging,
        head_learning_rate=0.05,
    )
    trained = train_tiny(config, samples=backwards(rows), settings=still_settings)
    best = recorder.losses.index(min(recorder.losses))
    assert len(recorder.losses) == best + 1 + 2 < 30
    assert recorder.steps[-1] == 3 * len(recorder.losses)
    kept, last = trained_weights(trained.model), recorder.weights[-1]
    assert not torch.equal(kept["heads.valence.weight"], last["heads.valence.weight"])
    if not averaging:
        assert_close(kept, recorder.weights[3 * best + 2], atol=0)


def test_without_validation_rows_patience_trains_to_the_end(
    recorder: Recorder, train_tiny, make_config, rows: list[Sample]
) -> None:
    training = [row for row in rows if row.split == "train"]
    train_tiny(make_config(patience=1), samples=training)
    assert (recorder.steps[-1], recorder.losses) == (9, [])


@pytest.mark.parametrize(
    "option",
    [
        {"averaging": 0.5},
        {"augment": ["typos", "case", "emoji", "elongation", "synonyms"]},
        {"adversarial": 1.0},
    ],
    ids=lambda option: next(iter(option)),
)
def test_options_against_overfitting_change_what_is_learnt(
    option: dict[str, Any], train_tiny, make_config, still_settings: Settings
) -> None:
    plain, other = (
        train_tiny(make_config(**STILL, **changes), settings=still_settings)
        for changes in ({}, option)
    )
    assert plain.manifest.version != other.manifest.version
    assert all(weight.isfinite().all() for weight in trained_weights(other.model).values())


def test_averaged_weights_are_not_the_last_ones(
    recorder: Recorder, train_tiny, make_config
) -> None:
    trained = train_tiny(make_config(averaging=0.5))
    kept, last = (
        weights["heads.valence.weight"]
        for weights in (trained_weights(trained.model), recorder.weights[-1])
    )
    assert not torch.equal(kept, last)
    torch.testing.assert_close(kept, last, atol=0.02, rtol=0)


def test_memory_that_runs_out_names_the_settings_to_change(
    train_tiny, make_config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_out(*_: object, **__: object) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")

    monkeypatch.setattr(HeadsTrainer, "compute_loss", run_out)
    with pytest.raises(TrainingError) as error:
        train_tiny(make_config(batch_size=16))
    assert str(error.value) == (
        "the GPU: expected room for batches of 16 messages, found its memory full. Lower "
        "batch_size and raise accumulation by as much, or set gradient_checkpointing = true."
    )


def test_other_errors_are_not_taken_for_those(
    train_tiny, make_config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Tensor:
        raise RuntimeError("a defect")

    monkeypatch.setattr(HeadsTrainer, "compute_loss", fail)
    with pytest.raises(RuntimeError, match="a defect"):
        train_tiny(make_config())


def test_metrics_go_to_tensorboard_and_stay(train_tiny, make_config) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    trained = train_tiny(make_config(report_to=["tensorboard"], patience=3))
    logs = trained.folder.with_name("adapter.logs")
    [file] = logs.glob("events.out.tfevents.*")
    events = EventAccumulator(str(file)).Reload()
    assert {"train/loss", "train/learning_rate", "eval/loss"} <= set(events.Tags()["scalars"])
    assert not trained.folder.with_name("adapter.run").exists()


def test_nothing_is_logged_that_was_not_asked_for(train_tiny, make_config) -> None:
    trained = train_tiny(make_config())
    assert [path.name for path in trained.folder.parent.iterdir()] == ["adapter"]


@contextlib.contextmanager
def stderr_to(descriptor: int, end: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What is written to stderr, which is `descriptor`, read from its other end."""
    found: list[bytes] = []

    def drain() -> None:
        with contextlib.suppress(OSError):  # A terminal whose other side is closed.
            while data := os.read(end, 4096):
                found.append(data)

    thread = threading.Thread(target=drain)
    thread.start()
    with os.fdopen(descriptor, "w") as file, monkeypatch.context() as patch:
        patch.setattr("sys.stderr", file)
        yield found
    thread.join()
    os.close(end)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_sees_how_far_it_is_and_a_pipe_does_not(
    terminal: bool,
    train_tiny,
    make_config,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    end, descriptor = pty.openpty() if terminal else os.pipe()
    if terminal:
        termios.tcsetwinsize(descriptor, (24, 100))
    with stderr_to(descriptor, end, monkeypatch) as found:
        train_tiny(make_config())
    assert (b"9/9" in b"".join(found)) is terminal
    assert (found != []) is terminal
    assert capsys.readouterr().out == ""
