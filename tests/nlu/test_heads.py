"""Heads: shapes, order, and probabilities that are probabilities."""

import pytest
import torch

from nlu.heads import SERVED_HEADS, HeadSpec, OrdinalHead, level_probs, make_head, make_heads

WIDTH = 8


def test_the_heads_and_the_order_of_their_labels() -> None:
    assert {name: (spec.kind, spec.labels) for name, spec in SERVED_HEADS.items()} == {
        "polarity": ("classes", ("negative", "neutral", "positive")),
        "valence": ("regression", ()),
        "intensity": ("ordinal", ("weak", "medium", "strong", "extreme")),
        "complaint": ("probability", ()),
        "subjectivity": ("probability", ()),
        "escalate": ("probability", ()),
    }


def test_outputs_of_each_head() -> None:
    vectors = torch.randn(5, WIDTH)
    shapes = {
        name: tuple(head(vectors).shape) for name, head in make_heads(SERVED_HEADS, WIDTH).items()
    }
    assert shapes == {
        "polarity": (5, 3),
        "valence": (5, 1),
        "intensity": (5, 3),
        "complaint": (5, 1),
        "subjectivity": (5, 1),
        "escalate": (5, 1),
    }


def test_an_ordinal_head_says_less_of_each_higher_level() -> None:
    head = make_head(HeadSpec(kind="ordinal", labels=("a", "b", "c", "d", "e")), WIDTH)
    assert isinstance(head, OrdinalHead)
    logits = head(10 * torch.randn(50, WIDTH))
    assert (logits[:, :-1] > logits[:, 1:]).all()


def test_an_ordinal_head_ranks_all_levels_by_one_direction() -> None:
    head = OrdinalHead(WIDTH, 4)
    logits = head(torch.randn(20, WIDTH))
    steps = logits - logits[:, :1]
    torch.testing.assert_close(steps, steps[:1].expand_as(steps), atol=1e-5, rtol=0)


def test_level_probs_by_hand() -> None:
    above = torch.tensor([[0.9, 0.5, 0.2]])
    torch.testing.assert_close(
        level_probs(torch.logit(above)), torch.tensor([[0.1, 0.4, 0.3, 0.2]])
    )


def test_more_of_the_direction_means_more_of_the_higher_levels() -> None:
    shift = torch.linspace(-6, 6, 50)[:, None]
    probs = level_probs(shift + torch.tensor([[1.0, 0.0, -1.0]]))
    mean_level = probs @ torch.arange(4.0)
    assert (mean_level[1:] > mean_level[:-1]).all()


@pytest.mark.parametrize(
    "logits", [[1.0, 0.0, -1.0], [-1.0, 0.0, 1.0], [0.0, 5.0, 5.0], [80.0, 80.0, -80.0]]
)
def test_level_probs_are_probabilities_even_where_the_steps_cross(logits: list[float]) -> None:
    probs = level_probs(torch.tensor([logits]))
    assert (probs >= 0).all()
    assert probs.sum().item() == pytest.approx(1)
