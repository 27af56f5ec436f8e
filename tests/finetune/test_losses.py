"""The loss of a sample comes from the labels that it carries, and from nothing else."""

import math

import pytest
import torch
from torch import Tensor

from finetune import losses
from finetune.config import HeadConfig

NAN = math.nan
OUTPUTS = {"polarity": 3, "valence": 1, "intensity": 3, "complaint": 1}
HEADS = {
    "polarity": HeadConfig(kind="classes", labels=("negative", "neutral", "positive"), weight=0.3),
    "valence": HeadConfig(kind="regression", weight=4.0),
    "intensity": HeadConfig(kind="ordinal", labels=("0", "1", "2", "3"), weight=2.0),
    "complaint": HeadConfig(kind="probability", weight=2.0),
}
UNKNOWN = dict.fromkeys(OUTPUTS, NAN)
KNOWN = {"polarity": 2.0, "valence": -0.5, "intensity": 3.0, "complaint": 1.0}


def masked_loss(logits: dict[str, Tensor], labels: dict[str, Tensor]) -> Tensor:
    return losses.masked_loss(logits, labels, HEADS)


def random_logits(batch: int) -> dict[str, Tensor]:
    torch.manual_seed(3)
    return {name: torch.randn(batch, n, requires_grad=True) for name, n in OUTPUTS.items()}


def labels(*rows: dict[str, float]) -> dict[str, Tensor]:
    return {name: torch.tensor([row[name] for row in rows]) for name in OUTPUTS}


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def test_loss_by_hand() -> None:
    logits = {
        "polarity": torch.tensor([[1.0, 0.0, -1.0], [9.0, 9.0, 9.0]]),
        "valence": torch.tensor([[7.0], [0.5]]),
        "intensity": torch.tensor([[2.0, 0.0, -2.0], [9.0, 9.0, 9.0]]),
        "complaint": torch.tensor([[0.3], [9.0]]),
    }
    first = {"polarity": 1.0, "valence": NAN, "intensity": 2.0, "complaint": 1.0}
    second = {"polarity": NAN, "valence": -0.1, "intensity": NAN, "complaint": NAN}
    polarity = math.log(math.e + 1 + 1 / math.e)
    valence = 0.6**2
    # Level 2 of 0…3 is above steps 0 and 1, not above step 2.
    intensity = (softplus(-2.0) + softplus(0.0) + softplus(-2.0)) / 3
    complaint = softplus(-0.3)
    expected = (0.3 * polarity + 4.0 * valence + 2.0 * intensity + 2.0 * complaint) / 2
    assert masked_loss(logits, labels(first, second)).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("missing", OUTPUTS)
def test_a_missing_label_gives_its_head_no_gradient_and_changes_no_other(missing: str) -> None:
    logits = random_logits(2)
    partly = KNOWN | {missing: UNKNOWN[missing]}
    loss = masked_loss(logits, labels(KNOWN, partly))
    loss.backward()
    assert loss.isfinite()
    for name, values in logits.items():
        assert values.grad is not None
        assert values.grad.isfinite().all()
        assert values.grad[0].any(), name
        assert bool(values.grad[1].any()) is (name != missing), name


def test_what_is_not_labelled_does_not_count() -> None:
    logits = random_logits(2)
    changed = {name: values.detach().clone() for name, values in logits.items()}
    for values in changed.values():
        values[1] += 5
    both = [masked_loss(item, labels(KNOWN, UNKNOWN)).item() for item in (logits, changed)]
    assert both[0] == pytest.approx(both[1])


def test_a_batch_without_any_label_teaches_nothing() -> None:
    logits = random_logits(3)
    loss = masked_loss(logits, labels(UNKNOWN, UNKNOWN, UNKNOWN))
    loss.backward()
    assert loss.item() == 0
    assert not any(values.grad.any() for values in logits.values())


def test_a_head_with_few_labels_does_not_shout() -> None:
    logits = random_logits(4)
    one = masked_loss({n: v[:1] for n, v in logits.items()}, labels(KNOWN)).item()
    among = masked_loss(logits, labels(KNOWN, UNKNOWN, UNKNOWN, UNKNOWN)).item()
    assert among == pytest.approx(one / 4)


@pytest.mark.parametrize(
    ("name", "label", "good", "bad"),
    [
        ("polarity", 0.0, [3.0, 0.0, 0.0], [0.0, 0.0, 3.0]),
        ("valence", -0.5, [-0.5], [0.5]),
        ("intensity", 0.0, [-3.0, -4.0, -5.0], [3.0, 2.0, 1.0]),
        ("intensity", 3.0, [5.0, 4.0, 3.0], [-3.0, -4.0, -5.0]),
        ("complaint", 0.0, [-3.0], [3.0]),
    ],
)
def test_right_answers_cost_less(
    name: str, label: float, good: list[float], bad: list[float]
) -> None:
    logits = {head: torch.zeros(1, n) for head, n in OUTPUTS.items()}
    target = labels(UNKNOWN | {name: label})
    assert masked_loss(logits | {name: torch.tensor([good])}, target) < masked_loss(
        logits | {name: torch.tensor([bad])}, target
    )


def test_a_near_level_costs_less_than_a_far_one() -> None:
    logits = {head: torch.zeros(1, n) for head, n in OUTPUTS.items()}
    target = labels(UNKNOWN | {"intensity": 3.0})
    levels = [[-4.0, -4.0, -4.0], [4.0, -4.0, -4.0], [4.0, 4.0, -4.0], [4.0, 4.0, 4.0]]
    costs = [masked_loss(logits | {"intensity": torch.tensor([row])}, target) for row in levels]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > costs[3]


def test_a_probability_may_lie_between() -> None:
    """A share of the labellers: the loss is least where the head says just that."""
    target = labels(UNKNOWN | {"complaint": 0.25})
    zeros = {head: torch.zeros(1, n) for head, n in OUTPUTS.items()}
    values = [-3.0, math.log(0.25 / 0.75), 0.0, 3.0]
    costs = [
        masked_loss(zeros | {"complaint": torch.tensor([[value]])}, target).item()
        for value in values
    ]
    assert min(costs) == costs[1]
