"""Splits never move, nothing tested is learnt, and what cannot be learnt from is refused."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

from amends.settings import ROOT
from finetune.complaint_labels import half_of
from finetune.config import load_config
from finetune.data import Data, read_samples
from finetune.samples import DataError, Sample, bucket, check_labels, without_leaks
from finetune.sources import SourceConfig
from nlu.heads import SERVED_HEADS

SHARED = ROOT.parent / "shared" / "data"
SOURCE = SourceConfig.model_validate({"name": "x", "path": "x.csv", "labels": {"complaint": {}}})
ROW = Sample("it broke", "set", "1", "train", {"complaint": 1.0})


def test_splits_are_as_large_as_asked() -> None:
    counts = Counter(SOURCE.split_of(f"key {n}") for n in range(10_000))
    for split, share in (("train", 0.75), ("validation", 0.05), ("test", 0.2)):
        assert counts[split] / 10_000 == pytest.approx(share, abs=0.02)


def test_splits_are_the_same_in_another_process_with_another_hash_seed() -> None:
    keys = [f"key {n}" for n in range(50)]
    script = f"from finetune.samples import bucket; print([bucket(k) for k in {keys}])"
    found = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, check=True, cwd=ROOT, env={"PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert found.stdout.strip() == str([bucket(key) for key in keys])


def test_splits_never_move() -> None:
    """Fixed values: another hash would put test rows into training, unseen."""
    assert [bucket(key) for key in ("1", "2", "abc", "")] == [15, 61, 65, 49]
    assert [SOURCE.split_of(key) for key in ("1", "2", "9")] == ["test", "train", "train"]


def test_halves_are_about_equal() -> None:
    share = sum(half_of(str(n)) == "tune" for n in range(2000)) / 2000
    assert share == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("text", ["it broke", "It  BROKE", "it broke "])
@pytest.mark.parametrize("split", ["train", "validation"])
def test_a_message_of_the_test_is_not_learnt(text: str, split: str) -> None:
    kept = replace(ROW, text="it works", source="third")
    rows = [replace(ROW, split=split), replace(ROW, text=text, source="other", split="test"), kept]
    with pytest.raises(DataError) as error:
        without_leaks(rows, "refuse")
    assert str(error.value) == (
        "set: expected no message both for training and for the test, found 1, such as "
        '"it broke". Remove the copies, or set leaks = "drop" to train without them.'
    )
    assert without_leaks(rows, "drop") == rows[1:]


def test_copies_on_one_side_are_no_leak() -> None:
    rows = [ROW, ROW, replace(ROW, split="validation"), replace(ROW, text="else", split="test")]
    assert without_leaks(rows, "refuse") == rows


@pytest.mark.parametrize(
    ("values", "found"), [([], "none"), ([1.0, 1.0], "only 1"), ([0.5], "only 0.5")]
)
def test_one_class_only_is_refused(values: list[float], found: str) -> None:
    rows = [ROW, *(replace(ROW, labels={"subjectivity": value}) for value in values)]
    with pytest.raises(DataError) as error:
        check_labels(rows, {"subjectivity": SERVED_HEADS["subjectivity"]})
    assert str(error.value) == (
        "head subjectivity: expected labels of two or more kinds for training, found "
        f"{found}. Add messages of the others, or remove the head."
    )


def test_one_class_only_is_told_by_its_name() -> None:
    rows = [replace(ROW, labels={"polarity": 2.0})]
    with pytest.raises(DataError, match=r"head polarity: .* found only positive\. Add messages"):
        check_labels(rows, {"polarity": SERVED_HEADS["polarity"]})


def test_no_sample_is_refused() -> None:
    with pytest.raises(DataError, match=r"expected samples for training, found none\. Give the"):
        check_labels([], {})


@pytest.mark.skipif(not SHARED.exists(), reason="the data sets are not beside this checkout")
def test_nothing_measured_is_trained_on_in_the_real_sets() -> None:
    samples = read_samples(load_config(), Data(SHARED))
    train = {sample.text.casefold() for sample in samples if sample.split != "test"}
    test = {sample.text.casefold() for sample in samples if sample.split == "test"}
    assert len(train) > 5000
    assert len(test) > 2000
    assert train & test == set()
