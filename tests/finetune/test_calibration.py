"""Scales that are known beforehand are found; calibration errors are worked out by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from finetune.calibration import (
    BINS,
    FEWEST_ROWS,
    Scale,
    bins,
    error_by_chance,
    expected_calibration_error,
    fit_scale,
    fit_scales,
)
from finetune.samples import Sample
from nlu.heads import HeadKind, HeadSpec, level_probs


class Overconfident:
    """Stands where a classifier does: says the same of every message, three times too sure."""

    manifest = SimpleNamespace(
        heads={
            "urgent": HeadSpec(kind="probability"),
            "rare": HeadSpec(kind="probability"),
            "rating": HeadSpec(kind="regression"),
        }
    )

    def logits(self, texts):
        logit = 3 * math.log(0.8 / 0.2)
        return {name: torch.full((len(texts), 1), logit) for name in self.manifest.heads}


def sample(number: int, **labels: float) -> Sample:
    return Sample(f"message {number}", "own", str(number), "validation", labels)


def test_one_scale_a_head_with_enough_rows() -> None:
    rows = [sample(n, urgent=float(n % 5 != 0), rating=0.5) for n in range(FEWEST_ROWS)]
    rows += [sample(n, rare=1.0) for n in range(FEWEST_ROWS - 1)]
    found = fit_scales(Overconfident(), rows)  # type: ignore[arg-type]
    assert found == {"urgent": Scale(pytest.approx(3.0, rel=1e-3), (0.0,))}


def test_a_head_that_is_always_right_is_left_as_it_is() -> None:
    """On rows that it was trained on a head may be; it is no surer of others for that."""
    rows = [sample(n, urgent=1.0) for n in range(FEWEST_ROWS)]
    assert fit_scales(Overconfident(), rows) == {}  # type: ignore[arg-type]


def drawn(kind: HeadKind, rng: np.random.Generator, rows: int) -> tuple[torch.Tensor, list[float]]:
    """Logits, and labels drawn from the probabilities that they stand for."""
    if kind == "probability":
        logits = torch.tensor(rng.normal(0, 2, (rows, 1)))
        return logits, [float(x) for x in rng.random(rows) < logits[:, 0].sigmoid().numpy()]
    if kind == "classes":
        logits = torch.tensor(rng.normal(0, 2, (rows, 3)))
        probs = logits.softmax(1).numpy()
    else:
        logits = torch.tensor(rng.normal(0, 2, (rows, 1)) + np.array([1.5, 0.0, -1.5]))
        probs = level_probs(logits).numpy()
    return logits, [float(rng.choice(len(p), p=p / p.sum())) for p in probs]


SHIFTS = {"probability": [0.0], "classes": [0.8, -0.2, -0.6], "ordinal": [0.9, 0.1, -0.8]}


@pytest.mark.parametrize("kind", sorted(SHIFTS))
@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
@pytest.mark.parametrize("shifted", [False, True])
def test_the_scale_that_was_put_in_is_found(
    kind: HeadKind, temperature: float, shifted: bool
) -> None:
    logits, truth = drawn(kind, np.random.default_rng(3), 4000)
    shift = torch.tensor(SHIFTS[kind]) * shifted
    found = fit_scale(kind, (logits - shift) * temperature, truth)
    assert found.temperature == pytest.approx(temperature, rel=0.1)
    assert found.shift == pytest.approx(shift.tolist(), abs=0.15)


def test_labels_that_may_be_in_between_are_taken_as_probabilities() -> None:
    logits = torch.tensor([[1.0], [-1.0]] * 60) * 2 * math.log(0.7 / 0.3)
    found = fit_scale("probability", logits, [0.7, 0.3] * 60)
    assert found.temperature == pytest.approx(2.0, rel=1e-3)


def test_a_head_that_is_always_right_stays_within_bounds() -> None:
    logits = torch.tensor([[4.0], [-4.0]] * 30)
    assert 0.05 <= fit_scale("probability", logits, [1.0, 0.0] * 30).temperature < 1


def test_a_level_that_no_row_has_is_not_shifted_out_of_reach() -> None:
    logits = torch.tensor([[1.0, 0.0, -1.0], [-1.0, -2.0, -3.0]] * 60)
    shift = fit_scale("ordinal", logits, [1.0, 0.0] * 60).shift
    assert -10 < shift[2] < 0


def test_crossed_levels_have_no_infinite_loss() -> None:
    logits = torch.tensor([[-2.0, 2.0, -3.0]] * 60)
    assert math.isfinite(fit_scale("ordinal", logits, [1.0] * 60).temperature)


def test_calibration_error_by_hand() -> None:
    """Ten bins of two rows: eight are right to the point, two are off by 0.3 and by 0.1."""
    said = [0.0] * 8 + [0.2, 0.2] + [0.6, 0.6] + [1.0] * 8
    truth = [0] * 8 + [1, 0] + [1, 0] + [1] * 8
    value = expected_calibration_error(np.array(said), np.array(truth, dtype=float))
    assert value == pytest.approx((0.3 + 0.1) / BINS)


def test_bins_are_of_equal_size_and_sorted() -> None:
    said = np.linspace(1, 0, 25)
    found = bins(said, (said > 0.5).astype(float))
    assert sorted(one.rows for one in found) == [2] * 5 + [3] * 5
    assert [one.confidence for one in found] == sorted(one.confidence for one in found)
    assert (found[0].share, found[-1].share) == (0.0, 1.0)


def test_few_rows_make_few_bins_and_no_rows_no_error() -> None:
    assert len(bins(np.array([0.1, 0.9]), np.array([0.0, 1.0]))) == 2
    assert expected_calibration_error(np.array([]), np.array([])) == 0.0


def test_what_is_always_wrong_has_the_largest_error() -> None:
    assert expected_calibration_error(np.ones(20), np.zeros(20)) == pytest.approx(1)


def test_chance_shows_an_error_that_shrinks_with_the_rows() -> None:
    few, many = (error_by_chance(np.full(rows, 0.5)) for rows in (100, 10_000))
    # The mean distance of a normal variable to its mean: sqrt(2 / π) · sqrt(0.25 / 10).
    assert few == pytest.approx(math.sqrt(2 / math.pi * 0.25 / 10), rel=0.1)
    assert many == pytest.approx(few / 10, rel=0.1)
    assert error_by_chance(np.array([0.0, 1.0] * 50)) == 0.0


def test_scaling_makes_overconfident_probabilities_honest() -> None:
    logits, truth = drawn("probability", np.random.default_rng(5), 4000)
    loud, right = logits * 4, np.array(truth)
    before = expected_calibration_error(loud.sigmoid()[:, 0].numpy(), right)
    scale = fit_scale("probability", loud, truth)
    said = (loud / scale.temperature + torch.tensor(scale.shift)).sigmoid()
    after = expected_calibration_error(said[:, 0].numpy(), right)
    assert before > 0.1
    assert after < 0.03
