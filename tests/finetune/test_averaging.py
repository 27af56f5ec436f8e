"""The average of the weights: what it is, where it is used, and that it outlives a kill."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import Trainer, TrainerCallback, TrainingArguments

from finetune.averaging import AVERAGE_FILE, AveragingError, EmaCallback

DECAY = 0.6
STEPS = 8


class Line(nn.Module):
    """One weight that learns beside one that is frozen, the latter in 8 bits as a base is."""

    def __init__(self) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor([3.0, -2.0]))
        self.frozen = nn.Parameter(torch.tensor([1, 2], dtype=torch.int8), requires_grad=False)

    def forward(self, x: Tensor, y: Tensor | None = None) -> dict[str, Tensor]:
        found = (x * self.slope * self.frozen).sum(1)
        loss = {} if y is None else {"loss": ((found - y) ** 2).mean()}
        return {**loss, "found": found}


class Recorder(TrainerCallback):
    """Writes down the weights after each step, as the optimizer left them."""

    def __init__(self) -> None:
        self.slopes: list[Tensor] = []

    def on_step_end(self, args: Any, state: Any, control: Any, model: Line, **_: Any) -> None:
        self.slopes.append(model.slope.detach().clone())


def rows() -> list[dict[str, Tensor]]:
    random = torch.Generator().manual_seed(3)
    xs = torch.randn(STEPS, 2, generator=random)
    return [{"x": x, "y": (x * torch.tensor([1.0, 1.0])).sum()} for x in xs]


def by_hand(slopes: list[Tensor], decay: float = DECAY) -> Tensor:
    """The average as its definition says."""
    average = slopes[0]
    for step, slope in enumerate(slopes[1:], start=1):
        kept = min(decay, (1 + step) / (10 + step))
        average = kept * average + (1 - kept) * slope
    return average


Make = Callable[..., tuple[Trainer, Recorder]]


@pytest.fixture
def make_trainer(tmp_path: Path) -> Make:
    def make(*callbacks: TrainerCallback, **changes: Any) -> tuple[Trainer, Recorder]:
        settings = {
            "output_dir": str(tmp_path),
            "per_device_train_batch_size": 1,
            "num_train_epochs": 1,
            "learning_rate": 0.1,
            "lr_scheduler_type": "constant",
            "report_to": "none",
            "save_strategy": "no",
            "use_cpu": True,
            "disable_tqdm": True,
            "remove_unused_columns": False,
            "dataloader_pin_memory": False,
            "label_names": ["y"],
            "prediction_loss_only": True,
        }
        recorder = Recorder()
        trainer = Trainer(
            model=Line(),
            args=TrainingArguments(**{**settings, **changes}),
            train_dataset=rows(),
            eval_dataset=rows(),
            callbacks=[recorder, *callbacks],
        )
        return trainer, recorder

    return make


def loss_at(slope: Tensor) -> float:
    line = Line()
    line.slope.data = slope
    data = rows()
    return line(torch.stack([r["x"] for r in data]), torch.stack([r["y"] for r in data]))[
        "loss"
    ].item()


@pytest.mark.parametrize("decay", [0.0, 0.2, 0.6, 0.999])
def test_after_training_the_weights_are_the_average(decay: float, make_trainer: Make) -> None:
    trainer, recorder = make_trainer(EmaCallback(decay))
    trainer.train()
    assert len(recorder.slopes) == STEPS
    torch.testing.assert_close(trainer.model.slope.detach(), by_hand(recorder.slopes, decay))
    assert trainer.model.frozen.tolist() == [1, 2]


def test_it_is_not_the_last_step(make_trainer: Make) -> None:
    trainer, recorder = make_trainer(EmaCallback(DECAY))
    trainer.train()
    assert (trainer.model.slope - recorder.slopes[-1]).abs().max() > 0.01


def test_it_does_not_change_how_is_trained(make_trainer: Make) -> None:
    plain, without = make_trainer(eval_strategy="steps", eval_steps=2)
    plain.train()
    averaged, recorder = make_trainer(EmaCallback(DECAY), eval_strategy="steps", eval_steps=2)
    averaged.train()
    assert torch.equal(torch.stack(recorder.slopes), torch.stack(without.slopes))


def test_only_steps_of_the_optimizer_count(make_trainer: Make) -> None:
    trainer, recorder = make_trainer(EmaCallback(DECAY), gradient_accumulation_steps=4)
    trainer.train()
    assert len(recorder.slopes) == STEPS // 4
    torch.testing.assert_close(trainer.model.slope.detach(), by_hand(recorder.slopes))


@pytest.mark.parametrize("sets", [rows(), {"a": rows(), "b": rows()}], ids=["one set", "two sets"])
def test_evaluation_judges_the_average(sets: Any, make_trainer: Make) -> None:
    trainer, recorder = make_trainer(EmaCallback(DECAY), eval_strategy="steps", eval_steps=1)
    trainer.eval_dataset = sets
    trainer.train()
    judged = [
        (entry["step"], value)
        for entry in trainer.state.log_history
        for name, value in entry.items()
        if name.endswith("_loss") and name.startswith("eval")
    ]
    assert len(judged) == STEPS * (2 if isinstance(sets, dict) else 1)
    for step, loss in judged:
        assert loss == pytest.approx(loss_at(by_hand(recorder.slopes[:step])), rel=1e-4)


def test_an_evaluation_that_fails_leaves_the_trained_weights(make_trainer: Make) -> None:
    callback = EmaCallback(DECAY)
    trainer, _ = make_trainer()
    line = trainer.model
    callback.on_train_begin(trainer.args, trainer.state, trainer.control, model=line)
    line.slope.data += 1
    trained = line.slope.detach().clone()
    with pytest.raises(RuntimeError, match="size of tensor"):
        line.eval()(torch.zeros(2, 7))
    assert torch.equal(line.slope, trained)


def test_checkpoints_hold_the_trained_weights_and_the_average(
    make_trainer: Make, tmp_path: Path
) -> None:
    trainer, recorder = make_trainer(
        EmaCallback(DECAY), save_strategy="steps", save_steps=3, eval_strategy="steps", eval_steps=3
    )
    trainer.train()
    for step in (3, 6):
        folder = tmp_path / f"checkpoint-{step}"
        trained, average = load_file(folder / "model.safetensors"), load_file(folder / AVERAGE_FILE)
        assert torch.equal(trained["slope"], recorder.slopes[step - 1])
        torch.testing.assert_close(average["slope"], by_hand(recorder.slopes[:step]))
        assert not list(folder.glob("*.draft"))


def test_a_killed_run_resumes_to_the_same_average(make_trainer: Make, tmp_path: Path) -> None:
    whole, recorder = make_trainer(EmaCallback(DECAY), save_strategy="steps", save_steps=3)
    whole.train()
    resumed, after = make_trainer(EmaCallback(DECAY), save_strategy="steps", save_steps=3)
    resumed.train(resume_from_checkpoint=str(tmp_path / "checkpoint-3"))
    assert len(after.slopes) == STEPS - 3
    assert torch.equal(after.slopes[-1], recorder.slopes[-1])
    assert torch.equal(resumed.model.slope, whole.model.slope)


def test_the_best_checkpoint_is_kept_as_it_was_judged(make_trainer: Make, tmp_path: Path) -> None:
    trainer, _ = make_trainer(
        EmaCallback(DECAY),
        learning_rate=6.0,  # So high that a later step is worse than an earlier one.
        save_strategy="steps",
        save_steps=1,
        eval_strategy="steps",
        eval_steps=1,
        load_best_model_at_end=True,
        metric_for_best_model="loss",
    )
    trainer.train()
    best = Path(trainer.state.best_model_checkpoint)
    assert best.name != f"checkpoint-{STEPS}"
    assert torch.equal(trainer.model.slope, load_file(best / AVERAGE_FILE)["slope"])
    assert loss_at(trainer.model.slope.detach()) == pytest.approx(
        trainer.state.best_metric, rel=1e-4
    )


def test_after_training_the_model_scores_as_any_other(make_trainer: Make) -> None:
    trainer, _ = make_trainer(EmaCallback(DECAY))
    trainer.train()
    line = trainer.model.eval()
    assert not line._forward_hooks
    assert not line._forward_pre_hooks
    line.slope.data = torch.tensor([5.0, 0.0])
    assert line(torch.ones(1, 2))["found"].item() == 5.0


def test_a_trainer_that_begins_again_swaps_once(make_trainer: Make) -> None:
    """As with `auto_find_batch_size`: swapped twice, the average would never be judged."""
    trainer, _ = make_trainer()
    callback, line = EmaCallback(DECAY), trainer.model
    for _ in range(2):
        callback.on_train_begin(trainer.args, trainer.state, trainer.control, model=line)
    line.slope.data = torch.tensor([100.0, 0.0])
    assert line.eval()(torch.ones(1, 2))["found"].item() == 3.0 - 2 * 2.0
    assert line.train()(torch.ones(1, 2))["found"].item() == 100.0


def _remove(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


@pytest.mark.parametrize(
    ("harm", "found"), [(_remove, "No such file"), (_cut, "[Ii]nvalid|[Ii]ncomplete")]
)
def test_a_checkpoint_without_a_whole_average_is_refused(
    harm: Callable[[Path], None], found: str, make_trainer: Make, tmp_path: Path
) -> None:
    make_trainer(EmaCallback(DECAY), save_strategy="steps", save_steps=3)[0].train()
    folder = tmp_path / "checkpoint-3"
    harm(folder / AVERAGE_FILE)
    again, _ = make_trainer(EmaCallback(DECAY))
    with pytest.raises(AveragingError, match=rf"expected the averaged weights.*found: .*{found}"):
        again.train(resume_from_checkpoint=str(folder))


def test_the_average_of_another_model_is_refused(make_trainer: Make, tmp_path: Path) -> None:
    make_trainer(EmaCallback(DECAY), save_strategy="steps", save_steps=3)[0].train()
    folder = tmp_path / "checkpoint-3"
    save_file({"slope": torch.zeros(3)}, folder / AVERAGE_FILE)
    again, _ = make_trainer(EmaCallback(DECAY))
    with pytest.raises(AveragingError) as error:
        again.train(resume_from_checkpoint=str(folder))
    assert str(error.value) == (
        f"{folder / AVERAGE_FILE}: expected averages of the 1 weights that learn, found 1 of other "
        "names or shapes. Resume with the settings that the run began with, or start it anew."
    )
