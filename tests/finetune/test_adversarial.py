"""The move that FGM makes: uphill, as long as asked, on words only, and gone afterwards."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig
from torch import Tensor, nn
from transformers import BertConfig, BertModel, Trainer, TrainingArguments

from finetune.adversarial import Fgm
from nlu.heads import SERVED_HEADS
from nlu.scoring_model import ScoringModel, load_encoder, with_lora

IDS = torch.tensor([[5, 6, 7, 8, 9, 10], [11, 12, 13, 0, 0, 0], [14, 0, 0, 0, 0, 0]])
MASK = (IDS != 0).long()
TARGET = torch.tensor([1.0, -1.0, 0.5])
KINDS = ["full", "lora", "lora on int8"]
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=30,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        # One pass must be comparable with the next.
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture
def make_model(base: Path) -> Callable[[str], ScoringModel]:
    def make(kind: str) -> ScoringModel:
        torch.manual_seed(2)
        encoder = load_encoder(base, "int8" if "int8" in kind else "fp32", CPU)
        if "lora" in kind:
            lora = LoraConfig(
                r=4,
                target_modules="all-linear",
                exclude_modules=["pooler.dense"],
                init_lora_weights=False,
            )
            encoder = with_lora(encoder, lora)
        return ScoringModel(encoder, SERVED_HEADS).train()

    return make


def embeddings(model: ScoringModel) -> nn.Module:
    return model.encoder.get_input_embeddings()


def loss_of(model: ScoringModel) -> Tensor:
    return ((model(IDS, MASK)["valence"][:, 0] - TARGET) ** 2).mean()


def gradients(model: ScoringModel) -> dict[str, Tensor]:
    named = model.named_parameters()
    return {name: weight.grad.clone() for name, weight in named if weight.grad is not None}


def watched(model: ScoringModel, epsilon: float) -> Fgm:
    fgm = Fgm(model.encoder, epsilon)
    with fgm.watch():
        loss_of(model).backward()
    return fgm


def moved_by(model: ScoringModel, fgm: Fgm, step: Callable[[], object]) -> Tensor:
    """How far the embeddings' output is moved in an attack."""
    before = embeddings(model)(IDS).detach()
    seen: list[Tensor] = []

    def look(_: nn.Module, __: Any, output: Tensor) -> None:
        seen.append(output.detach())

    def with_look() -> None:
        # Hooks run in the order in which they came: this one sees what the attack made.
        handle = embeddings(model).register_forward_hook(look)
        step()
        handle.remove()

    assert fgm.attack(with_look)
    return seen[0] - before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("epsilon", [1e-3, 1e-2, 0.1])
def test_the_moved_batch_has_the_higher_loss(
    kind: str, epsilon: float, make_model: Callable[[str], ScoringModel]
) -> None:
    model = make_model(kind)
    clean = loss_of(model).item()
    losses: list[float] = []
    assert watched(model, epsilon).attack(lambda: losses.append(loss_of(model).item()))
    assert losses[0] > clean


@pytest.mark.parametrize("kind", KINDS)
def test_no_other_move_of_that_length_is_as_hard(
    kind: str, make_model: Callable[[str], ScoringModel]
) -> None:
    model = make_model(kind)
    losses: list[float] = []
    watched(model, 0.05).attack(lambda: losses.append(loss_of(model).item()))
    for seed in range(20):
        move = torch.randn(3, 6, 32, generator=torch.manual_seed(seed)) * MASK[..., None]
        move *= 0.05 / move.flatten(1).norm(dim=1)[:, None, None]
        handle = embeddings(model).register_forward_hook(lambda _, __, out, move=move: out + move)
        assert loss_of(model).item() < losses[0]
        handle.remove()


@pytest.mark.parametrize("kind", KINDS)
def test_each_sample_moves_by_epsilon_and_its_padding_not_at_all(
    kind: str, make_model: Callable[[str], ScoringModel]
) -> None:
    model = make_model(kind)
    move = moved_by(model, watched(model, 0.5), lambda: loss_of(model))
    torch.testing.assert_close(move.flatten(1).norm(dim=1), torch.full((3,), 0.5))
    assert not move[MASK == 0].any()
    assert (move[MASK == 1].norm(dim=1) > 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_afterwards_the_model_is_as_before(
    kind: str, make_model: Callable[[str], ScoringModel]
) -> None:
    model = make_model(kind)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    clean = loss_of(model)
    watched(model, 0.5).attack(lambda: loss_of(model).backward())
    assert not embeddings(model)._forward_hooks
    torch.testing.assert_close(loss_of(model), clean, atol=0, rtol=0)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_hooks_go_when_a_pass_fails(make_model: Callable[[str], ScoringModel]) -> None:
    model = make_model("lora")
    fgm = watched(model, 0.5)
    with pytest.raises(ZeroDivisionError):
        fgm.attack(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError), fgm.watch():
        1 / 0  # noqa: B018
    assert not embeddings(model)._forward_hooks


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradients_of_both_losses_add(
    kind: str, make_model: Callable[[str], ScoringModel]
) -> None:
    both, apart = make_model(kind), make_model(kind)
    watched(both, 0.5).attack(lambda: loss_of(both).backward())
    fgm = watched(apart, 0.5)
    clean = gradients(apart)
    apart.zero_grad()
    fgm.attack(lambda: loss_of(apart).backward())
    hard = gradients(apart)
    assert clean.keys() == hard.keys() == gradients(both).keys()
    for name, gradient in gradients(both).items():
        torch.testing.assert_close(gradient, clean[name] + hard[name])
    assert any(not torch.allclose(clean[name], hard[name], rtol=1e-3) for name in clean)


def test_watching_changes_no_gradient(make_model: Callable[[str], ScoringModel]) -> None:
    model = make_model("full")
    loss_of(model).backward()
    plain = gradients(model)
    model.zero_grad()
    watched(model, 0.1)
    for name, gradient in gradients(model).items():
        torch.testing.assert_close(gradient, plain[name], atol=0, rtol=0)


@pytest.mark.parametrize("factor", [0.0, float("nan"), float("inf")])
def test_without_a_usable_gradient_nothing_runs(
    factor: float, make_model: Callable[[str], ScoringModel]
) -> None:
    model = make_model("lora")
    fgm = Fgm(model.encoder, 0.5)
    with fgm.watch():
        (loss_of(model) * factor).backward()
    assert not fgm.attack(lambda: pytest.fail("a second pass ran"))


@pytest.mark.parametrize("kind", ["full", "lora"])
def test_with_gradient_checkpointing_the_gradients_are_the_same(
    kind: str, make_model: Callable[[str], ScoringModel]
) -> None:
    plain, thrifty = make_model(kind), make_model(kind)
    thrifty.encoder.gradient_checkpointing_enable()
    for model in (plain, thrifty):
        watched(model, 0.5).attack(lambda model=model: loss_of(model).backward())
    for name, gradient in gradients(thrifty).items():
        torch.testing.assert_close(gradient, gradients(plain)[name])


def test_a_batch_is_attacked_once(make_model: Callable[[str], ScoringModel]) -> None:
    model = make_model("lora")
    fgm = watched(model, 0.5)
    assert fgm.attack(lambda: None)
    assert not fgm.attack(lambda: pytest.fail("a second pass ran"))


def test_a_sample_without_gradient_stays_beside_one_that_moves(
    make_model: Callable[[str], ScoringModel],
) -> None:
    """A sample that carries no label of any head has no loss."""
    model = make_model("lora")
    fgm = Fgm(model.encoder, 0.5)
    with fgm.watch():
        model(IDS, MASK)["valence"][0, 0].backward()
    move = moved_by(model, fgm, lambda: loss_of(model))
    torch.testing.assert_close(move.flatten(1).norm(dim=1), torch.tensor([0.5, 0.0, 0.0]))


class FgmTrainer(Trainer):
    """A Trainer as the docstring of `Fgm` has it; writes down the losses of both passes."""

    fgm: Fgm
    losses: list[tuple[float, float]]

    def compute_loss(self, model: nn.Module, inputs: dict[str, Tensor], *_: Any, **__: Any):
        found = model(inputs["input_ids"], inputs["attention_mask"])["valence"][:, 0]
        return ((found - inputs["target"]) ** 2).mean()

    def training_step(self, model, inputs, num_items_in_batch=None):
        step = partial(super().training_step, model, inputs, num_items_in_batch)
        with self.fgm.watch():
            loss = step()
        hard: list[float] = []
        self.fgm.attack(lambda: hard.append(step().item()))
        self.losses.append((loss.item(), *hard))
        return loss


@pytest.mark.parametrize("accumulated", [1, 2])
def test_in_a_trainer(
    accumulated: int, tmp_path: Path, make_model: Callable[[str], ScoringModel]
) -> None:
    model = make_model("lora on int8")
    rows = [{"input_ids": IDS[n % 3], "attention_mask": MASK[n % 3]} for n in range(8)]
    arguments = TrainingArguments(
        output_dir=str(tmp_path),
        per_device_train_batch_size=2,
        gradient_accumulation_steps=accumulated,
        num_train_epochs=1,
        learning_rate=1e-3,
        report_to="none",
        save_strategy="no",
        use_cpu=True,
        remove_unused_columns=False,
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )
    data = [{**row, "target": TARGET[n % 3]} for n, row in enumerate(rows)]
    before = embeddings(model).weight.clone()
    trainer = FgmTrainer(model=model, args=arguments, train_dataset=data)
    trainer.fgm, trainer.losses = Fgm(model.encoder, 0.01), []
    trainer.train()
    assert trainer.state.global_step == 4 // accumulated
    assert len(trainer.losses) == 4
    assert all(hard > clean for clean, hard in trainer.losses)
    assert torch.equal(embeddings(model).weight, before)
    assert not embeddings(model)._forward_hooks
