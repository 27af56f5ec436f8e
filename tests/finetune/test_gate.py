"""What falls too far is found, whichever way is up, and nothing else is."""

import math
from pathlib import Path

import numpy as np
import pytest

from finetune.gate import (
    Comparison,
    Figures,
    ToleranceError,
    Tolerances,
    compare,
    read_tolerances,
)
from finetune.measures import Figure, accuracy, figure


def exact(value: float) -> Figure:
    """A figure of so many rows that it has no spread."""
    return Figure(value, value, value, 10**6)


def spread(value: float, half_width: float) -> Figure:
    return Figure(value, value - half_width, value + half_width, 100)


def one(in_use: Figure, new: Figure, tolerances: Tolerances | None = None) -> Comparison:
    (row,) = compare({"recall": in_use}, {"recall": new}, tolerances or Tolerances())
    return row


@pytest.mark.parametrize(
    ("new", "verdict"),
    [(0.9, "ok"), (0.8, "ok"), (0.785, "ok"), (0.775, "too low"), (0.0, "too low")],
)
def test_a_fall_of_more_than_two_points_is_too_low(new: float, verdict: str) -> None:
    row = one(exact(0.8), exact(new))
    assert (row.verdict, row.passed) == (verdict, verdict == "ok")
    assert row.change == pytest.approx(new - 0.8)
    assert row.tolerance == 0.02


@pytest.mark.parametrize("name", ["calibration error", "Expected Calibration Error"])
def test_less_of_an_error_is_better(name: str) -> None:
    (better,) = compare({name: exact(0.10)}, {name: exact(0.05)}, Tolerances())
    assert (better.verdict, better.change) == ("ok", pytest.approx(0.05))
    (worse,) = compare({name: exact(0.05)}, {name: exact(0.10)}, Tolerances())
    assert (worse.verdict, worse.change) == ("too low", pytest.approx(-0.05))


def test_a_slice_of_few_rows_may_fall_by_its_wider_spread() -> None:
    assert one(spread(0.8, 0.1), exact(0.71)).verdict == "ok"
    assert one(spread(0.8, 0.1), exact(0.69)).verdict == "too low"
    assert one(exact(0.8), spread(0.71, 0.1)).verdict == "ok"
    assert one(spread(0.8, 0.1), spread(0.7, 0.3)).tolerance == pytest.approx(0.3)
    assert one(spread(0.8, 0.01), spread(0.79, 0.01)).tolerance == 0.02


def test_how_much_is_put_down_to_chance_can_be_set() -> None:
    half = Tolerances(noise=0.5)
    assert one(spread(0.8, 0.1), exact(0.76), half).verdict == "ok"
    assert one(spread(0.8, 0.1), exact(0.74), half).verdict == "too low"
    assert one(spread(0.8, 0.1), exact(0.79), Tolerances(default=0.0, noise=0.0)).passed is False


def test_an_adapter_that_is_as_good_is_seldom_refused_and_a_worse_one_is() -> None:
    """Slices of 60 rows; two adapters that agree as two shipped ones do (r = 0.7)."""
    refused = {fall: share_refused(fall) for fall in (0.0, 0.25)}
    assert refused[0.0] < 0.03
    assert refused[0.25] > 0.9


def share_refused(fall: float) -> float:
    rng = np.random.default_rng(0)
    verdicts = []
    for _ in range(100):
        right = rng.random(60) < 0.85
        # Three in ten rows are drawn anew, which leaves a correlation of 0.7.
        again = np.where(rng.random(60) < 0.3, rng.random(60) < 0.85, right)
        again &= rng.random(60) >= fall
        old, new = (figure(accuracy, np.ones(60), rows.astype(float)) for rows in (right, again))
        verdicts.append(one(old, new).verdict)
    return verdicts.count("too low") / len(verdicts)


def test_a_tolerance_of_a_measure_of_its_own_is_exact() -> None:
    strict = Tolerances(measures={"recall": 0.0})
    assert one(spread(0.8, 0.1), exact(0.799), strict).verdict == "too low"
    assert one(spread(0.8, 0.1), exact(0.8), strict).verdict == "ok"
    lenient = Tolerances(measures={"recall": 0.5})
    assert one(exact(0.8), exact(0.4), lenient).verdict == "ok"


def test_a_measure_that_can_no_longer_be_taken_keeps_an_adapter_out() -> None:
    assert one(exact(0.8), exact(math.nan)).verdict == "not measured"
    (missing,) = compare({"recall": exact(0.8)}, {}, Tolerances())
    assert (missing.verdict, missing.passed, missing.new) == ("not measured", False, None)


def test_a_measure_that_the_old_one_has_not_lets_an_adapter_in() -> None:
    assert one(exact(math.nan), exact(0.1)).verdict == "new"
    assert one(exact(math.nan), exact(math.nan)).passed
    (fresh,) = compare({}, {"recall": exact(0.1)}, Tolerances())
    assert (fresh.verdict, fresh.passed, fresh.in_use) == ("new", True, None)


def test_an_interval_that_is_missing_is_no_excuse() -> None:
    row = one(Figure(0.8, math.nan, math.nan, 3), Figure(0.7, math.nan, math.nan, 3))
    assert (row.tolerance, row.verdict) == (0.02, "too low")


def test_what_fails_comes_first_and_else_the_order_is_kept() -> None:
    names = ["d", "a", "c", "b"]
    old: Figures = {name: exact(0.8) for name in names}
    new = {**old, "c": exact(0.1), "b": exact(0.7), "e": exact(0.9)}
    rows = compare(old, new, Tolerances())
    assert [row.measure for row in rows] == ["c", "b", "d", "a", "e"]


def test_a_tolerance_for_a_measure_that_there_is_not_is_told() -> None:
    with pytest.raises(ToleranceError) as error:
        one(exact(0.8), exact(0.8), Tolerances(measures={"recal": 0.1, "recall": 0.1}))
    assert str(error.value) == (
        "--tolerances: expected measures among recall; found recal. Correct or remove it."
    )


def test_tolerances_are_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "tolerances.toml"
    path.write_text('default = 0.03\n[measures]\n"escalate recall" = 0.01\n', "utf-8")
    assert read_tolerances(path) == Tolerances(default=0.03, measures={"escalate recall": 0.01})
    path.write_text("", "utf-8")
    assert read_tolerances(path) == Tolerances()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"default = -0.1", "default: Input should be greater than or equal to 0; found -0.1"),
        (b"default = 1.5", "default: Input should be less than or equal to 1; found 1.5"),
        (b"default = nan", "default: Input should be a finite number; found nan"),
        (b'default = "much"', "default: Input should be a valid number"),
        (b"[measures]\nrecall = 2", "measures.recall: Input should be less than or equal to 1"),
        (b"defaults = 0.1", "defaults: Extra inputs are not permitted; found 0.1"),
        (b"default: 0.1", "expected a TOML file in UTF-8, found: Expected '='"),
        (b"\xff", "expected a TOML file in UTF-8, found: 'utf-8' codec can't decode"),
    ],
)
def test_a_file_that_holds_no_tolerances_is_told(
    content: bytes, found: str, tmp_path: Path
) -> None:
    path = tmp_path / "tolerances.toml"
    path.write_bytes(content)
    with pytest.raises(ToleranceError) as error:
        read_tolerances(path)
    assert str(error.value).startswith(f"--tolerances {path}: {found}")
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(ToleranceError) as error:
        read_tolerances(path)
    assert str(error.value) == (
        f"--tolerances {path}: expected a TOML file in UTF-8, found: No such file or directory. "
        "Write lines such as default = 0.02."
    )
