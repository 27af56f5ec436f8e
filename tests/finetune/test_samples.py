"""Labels are read as they are written, split the same way everywhere, and refused with a place."""

import csv
import math
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from amends.settings import ROOT
from finetune.samples import (
    COMPLAINT_TWEETS,
    UNADDRESSED,
    DataError,
    Sample,
    all_samples,
    bucket,
    complaint_samples,
    half_of,
    labelled_complaints,
    own_samples,
    read_rows,
    split_of,
    unaddressed,
    valence_samples,
)

SHARED = ROOT.parent / "shared" / "data"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_splits_are_about_80_20() -> None:
    counts = Counter(split_of(f"key {n}") for n in range(10_000))
    assert counts["train"] / 10_000 == pytest.approx(0.8, abs=0.02)
    assert counts["test"] / 10_000 == pytest.approx(0.2, abs=0.02)


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


def test_halves_are_about_equal() -> None:
    share = sum(half_of(str(n)) == "tune" for n in range(2000)) / 2000
    assert share == pytest.approx(0.5, abs=0.05)


def test_a_review_never_crosses_splits(data: Path) -> None:
    with (data / "valence_amazon.csv").open(encoding="utf-8") as file:
        review = {row["text"]: row["id"].split("_")[0] for row in csv.DictReader(file)}
    splits = defaultdict(set)
    for sample in all_samples(data):
        if sample.source == "valence_amazon":
            splits[review[sample.text]].add(sample.split)
    assert {len(found) for found in splits.values()} == {1}
    assert set().union(*splits.values()) == {"train", "test"}


def test_equal_sentences_never_cross_splits(tmp_path: Path) -> None:
    rows = [f"{n},1.0,0.5,The SAME words {n % 40}" for n in range(80)]
    rows += [f"{n},1.0,0.5,the same WORDS {n % 40}" for n in range(80, 160)]
    write(tmp_path / "valence_tweets.csv", "id,valence,stdev,text", *rows)
    splits = defaultdict(set)
    for sample in valence_samples(tmp_path, "valence_tweets", lambda row: row["text"].casefold()):
        splits[sample.text.casefold()].add(sample.split)
    assert {len(found) for found in splits.values()} == {1}


def labelled_texts(folder: Path) -> set[str]:
    return {row.text.casefold() for row in labelled_complaints(folder)}


def test_labelled_complaints_are_never_trained_on(data: Path) -> None:
    samples = list(complaint_samples(data))
    labelled = labelled_texts(data)
    assert labelled
    assert {s.split for s in samples if s.text.casefold() in labelled} == {"test"}
    assert {s.split for s in samples if s.text.casefold() not in labelled} >= {"train", "test"}


def test_the_words_of_a_labelled_complaint_are_not_trained_on_under_another_id(
    tmp_path: Path,
) -> None:
    write(
        tmp_path / "complaint_labels.csv",
        "id,text,category,polarity,intensity,escalate",
        "1,@shop where is it,delivery,negative,weak,no",
    )
    again = [f"{n},@Shop where IS it,1,x" for n in range(2, 5)]
    write(tmp_path / "complaint_tweets.csv", "id,text,complaint,domain", *again)
    assert {sample.split for sample in complaint_samples(tmp_path)} == {"test"}


@pytest.mark.skipif(not SHARED.exists(), reason="the data sets are not beside this checkout")
def test_nothing_measured_is_trained_on_in_the_real_sets() -> None:
    samples = all_samples(SHARED)
    train = {sample.text.casefold() for sample in samples if sample.split == "train"}
    test = {sample.text.casefold() for sample in samples if sample.split == "test"}
    assert len(train) > 5000
    assert labelled_texts(SHARED) & train == set()
    # A review keeps its short sentences ("great product") that another review says as well.
    assert len(test & train) / len(test) < 0.01


@pytest.mark.parametrize(
    ("rating", "valence", "polarity", "intensity"),
    [
        ("-4", -1.0, 0, 3),
        ("-2.0", -0.5, 0, 2),
        ("-1.0", -0.25, 0, 1),
        ("-0.6", -0.15, 0, 0),
        ("-0.5", -0.125, 1, 0),
        ("0", 0.0, 1, 0),
        ("0.59", 0.1475, 1, -1),
        ("0.6", 0.15, 2, -1),
        ("4.0", 1.0, 2, -1),
    ],
)
def test_ratings(
    tmp_path: Path, rating: str, valence: float, polarity: int, intensity: int
) -> None:
    write(tmp_path / "set.csv", "id,valence,stdev,text", f"1,{rating},,a text")
    (sample,) = valence_samples(tmp_path, "set", lambda row: row["id"])
    assert (sample.valence, sample.polarity) == (pytest.approx(valence), polarity)
    assert sample.intensity == intensity
    assert math.isnan(sample.complaint)


def test_tweets_carry_the_complaint_label_alone(data: Path) -> None:
    samples = list(complaint_samples(data))
    assert {s.complaint for s in samples} == {0.0, 1.0}
    assert {(s.polarity, s.intensity) for s in samples} == {(-1, -1)}
    assert all(math.isnan(s.valence) for s in samples)


def test_a_tweet_is_also_learnt_as_said_to_nobody() -> None:
    tweet = Sample("@shop my kettle is @you late", COMPLAINT_TWEETS, "train", complaint=1.0)
    rating = Sample("@shop fine", "valence_tweets", "train", valence=0.5)
    (copy,) = unaddressed([tweet, rating])
    assert copy == replace(tweet, text="my kettle is late", source=UNADDRESSED)


def test_own_messages_are_all_for_training_and_carry_no_valence() -> None:
    samples = list(own_samples())
    assert len(samples) > 400
    assert {s.split for s in samples} == {"train"}
    assert all(math.isnan(s.valence) for s in samples)
    assert {s.polarity for s in samples} == {0, 1, 2}
    assert {s.intensity for s in samples} == {0, 1, 2, 3}


def test_own_messages_in_the_order_of_the_labels(tmp_path: Path) -> None:
    path = write(
        tmp_path / "m.csv",
        "text,polarity,intensity,complaint",
        "\ufeffa  b,negative,extreme,1",
        "c,positive,weak,0",
    )
    first, second = own_samples(path)
    assert (first.text, first.polarity, first.intensity, first.complaint) == ("a b", 0, 3, 1.0)
    assert (second.polarity, second.intensity, second.complaint) == (2, 0, 0.0)


def test_labels_that_were_not_agreed_upon_are_none(tmp_path: Path) -> None:
    write(
        tmp_path / "complaint_labels.csv",
        "id,text,category,polarity,intensity,escalate",
        "1,a,,,,",
        "2,b,delivery,negative,strong,yes",
        "3,c,other,neutral,weak,no",
    )
    blank, upset, calm = labelled_complaints(tmp_path)
    assert (blank.category, blank.polarity, blank.intensity, blank.escalate) == (None,) * 4
    assert (upset.category, upset.escalate) == ("delivery", True)
    assert (calm.polarity, calm.escalate) == ("neutral", False)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("5", "'5'"),
        ("-4.01", "'-4.01'"),
        ("nan", "'nan'"),
        ("inf", "'inf'"),
        ("good", "'good'"),
        ("", "''"),
    ],
)
def test_a_rating_that_is_none_is_refused(tmp_path: Path, value: str, found: str) -> None:
    path = write(tmp_path / "set.csv", "id,valence,stdev,text", "1,1,,ok", f"2,{value},,a text")
    with pytest.raises(DataError) as error:
        list(valence_samples(tmp_path, "set", lambda row: row["id"]))
    assert str(error.value) == (
        f"{path}, line 3: expected valence as a number up to 4 either way, found {found}. "
        "Correct the row or leave it out."
    )


@pytest.mark.parametrize("value", ["2", "-1", "0.5", "yes", ""])
def test_a_complaint_is_0_or_1(tmp_path: Path, value: str) -> None:
    write(tmp_path / "complaint_labels.csv", "id,text,category,polarity,intensity,escalate")
    write(tmp_path / "complaint_tweets.csv", "id,text,complaint,domain", f"1,a text,{value},x")
    with pytest.raises(DataError, match=r"line 2: expected complaint to be one of 0, 1, found"):
        list(complaint_samples(tmp_path))


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("a,bad,weak,1", "expected polarity to be one of negative, neutral, positive, found 'bad'"),
        ("a,negative,utter,1", "expected intensity to be one of weak, medium, strong, extreme"),
        ("a,negative,weak,maybe", "expected complaint to be one of 0, 1, found 'maybe'"),
        ("a,negative", "expected 4 fields, found fewer"),
        ("a,b,negative,weak,1", "expected 4 fields, found more"),
    ],
)
def test_an_own_message_with_another_label_is_refused(tmp_path: Path, row: str, found: str) -> None:
    path = write(tmp_path / "m.csv", "text,polarity,intensity,complaint", row)
    with pytest.raises(DataError) as error:
        list(own_samples(path))
    assert f"{path}, line 2: {found}" in str(error.value)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (None, "No such file"),
        (b"\xff\xfeid", "codec can't decode"),
        (b'id,text\n1,"open', "unexpected end of data"),
        (b"", r"found None|found \[\]"),
        (b"id,words\n1,a\n", r"columns \['id', 'text'\], found \['id', 'words'\]"),
    ],
    ids=["missing", "no UTF-8", "open quote", "empty", "column missing"],
)
def test_a_file_that_is_no_label_file_is_refused(
    tmp_path: Path, raw: bytes | None, found: str
) -> None:
    path = tmp_path / "labels.csv"
    if raw is not None:
        path.write_bytes(raw)
    with pytest.raises(DataError, match=rf"(?s){path}: expected .*?{found}"):
        read_rows(path, {"id", "text"})
