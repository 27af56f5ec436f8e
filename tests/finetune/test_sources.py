"""Labels are read as they are written, whatever the file, and refused with a place."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from amends.records import InputError
from finetune.samples import DataError, Sample
from finetune.sources import SourceConfig, read_source
from nlu.heads import SERVED_HEADS

RECORDS = [
    {"text": "the kettle is late", "polarity": "negative", "valence": "-0.5", "complaint": "1"},
    {"text": "thank you ☕", "polarity": "positive", "valence": "0.75", "complaint": "0"},
    {"text": "is it in stock", "polarity": "neutral", "valence": "", "complaint": "0"},
]
LABELS: dict[str, Any] = {"polarity": {}, "valence": {}, "complaint": {}}


def read(folder: Path, labels: dict[str, Any], **changes: object) -> list[Sample]:
    given = {"name": "set", "path": "set.csv", "labels": labels, **changes}
    return read_source(SourceConfig.model_validate(given), folder, SERVED_HEADS)


def write_csv(path: Path, records: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)


def write_jsonl(path: Path, records: list[dict[str, Any]]) -> None:
    lines = [json.dumps({k: v for k, v in record.items() if v != ""}) for record in records]
    path.write_text("\n".join(lines), "utf-8")


def write_parquet(path: Path, records: list[dict[str, Any]]) -> None:
    typed = [{**r, "valence": float(r["valence"]) if r["valence"] else None} for r in records]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(typed), path)


@pytest.mark.parametrize("write", [write_csv, write_jsonl, write_parquet])
def test_every_kind_of_file_gives_the_same_samples(write: Any, tmp_path: Path) -> None:
    name = f"set.{write.__name__.removeprefix('write_')}"
    write(tmp_path / name, RECORDS)
    found = read(tmp_path, LABELS, path=name)
    assert [sample.text for sample in found] == [record["text"] for record in RECORDS]
    assert [sample.labels for sample in found] == [
        {"polarity": 0, "valence": -0.5, "complaint": 1},
        {"polarity": 2, "valence": 0.75, "complaint": 0},
        {"polarity": 1, "complaint": 0},
    ]


def test_a_list_of_words_without_a_header_is_read_with_its_quotes(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text('dreadful\t-3.5\t0.5\n:"\t0.5\t1\n', "utf-8")
    found = read(
        tmp_path, {"valence": {"scale": 0.25}}, path="words.txt", header=["text", "valence", "sd"]
    )
    assert [(s.text, s.labels["valence"]) for s in found] == [("dreadful", -0.875), (':"', 0.125)]


def test_a_tab_separated_file_may_say_its_columns_itself(tmp_path: Path) -> None:
    (tmp_path / "set.tsv").write_text("valence\ttext\n1\tso kind\n", "utf-8")
    [one] = read(tmp_path, {"valence": {}}, path="set.tsv")
    assert (one.text, one.labels) == ("so kind", {"valence": 1})


def test_a_row_with_more_fields_than_the_header_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("kind\t1\t2\n", "utf-8")
    with pytest.raises(InputError, match="row 1: expected 2 fields, found more"):
        read(tmp_path, {"valence": {}}, path="words.txt", header=["text", "valence"])


def test_a_file_of_an_installed_package_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {"valence": {"scale": 0.25}},
        path="package:vaderSentiment/vader_lexicon.txt",
        header=["text", "valence", "sd", "ratings"],
    )
    assert len(found) > 7000
    assert all(-1 <= sample.labels["valence"] <= 1 for sample in found)


def test_a_package_that_is_not_installed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, LABELS, path="package:no_such_package/words.txt")
    assert str(error.value) == (
        "package:no_such_package/words.txt: expected the Python package no_such_package, found it "
        "missing. Install it, or leave the source out."
    )


RATED = {
    "valence": {"column": "stars", "scale": 0.25},
    "polarity": {"column": "stars", "cuts": [-0.6, 0.6]},
    "intensity": {"column": "stars", "cuts": [-0.8, -1.8, -2.8], "at_most": 0},
}


@pytest.mark.parametrize(
    ("stars", "valence", "polarity", "intensity"),
    [
        ("-4", -1.0, 0, 3),
        ("-2.8", -0.7, 0, 3),
        ("-2.0", -0.5, 0, 2),
        ("-1.0", -0.25, 0, 1),
        ("-0.6", -0.15, 1, 0),
        ("0", 0.0, 1, 0),
        ("0.59", 0.1475, 1, None),
        ("0.6", 0.15, 2, None),
        ("4", 1.0, 2, None),
    ],
)
def test_a_number_becomes_a_value_a_class_or_a_level(
    stars: str, valence: float, polarity: int, intensity: int | None, tmp_path: Path
) -> None:
    write_csv(tmp_path / "set.csv", [{"text": "a text", "stars": stars}])
    [sample] = read(tmp_path, RATED)
    expected = {"valence": pytest.approx(valence), "polarity": polarity, "intensity": intensity}
    assert sample.labels == {name: value for name, value in expected.items() if value is not None}


@pytest.mark.parametrize(
    ("written", "label"), [("bad", 0), ("so-so", 1), ("positive", 2), ("neutral", 1)]
)
def test_other_words_for_the_labels(written: str, label: int, tmp_path: Path) -> None:
    values = {"bad": "negative", "so-so": "neutral"}
    write_csv(tmp_path / "set.csv", [{"words": "a text", "mood": written}])
    labels = {"polarity": {"column": "mood", "values": values}}
    [sample] = read(tmp_path, labels, text="words")
    assert sample.labels == {"polarity": label}


@pytest.mark.parametrize(
    ("written", "label"),
    [("yes", 1), ("No", 0), ("TRUE", 1), ("false", 0), ("0.25", 0.25), ("1", 1)],
)
def test_probabilities_in_words_and_numbers(written: str, label: float, tmp_path: Path) -> None:
    write_csv(tmp_path / "set.csv", [{"text": "a text", "complaint": written}])
    assert read(tmp_path, {"complaint": {}})[0].labels == {"complaint": label}


def test_booleans_of_json_are_probabilities(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "set.jsonl", [{"text": "a", "complaint": True}])
    [sample] = read(tmp_path, {"complaint": {}}, path="set.jsonl")
    assert sample.labels == {"complaint": 1}


@pytest.mark.parametrize(
    ("labels", "value", "told"),
    [
        (
            {"polarity": {"column": "label"}},
            "awful",
            "expected one of negative, neutral, positive, found 'awful'. "
            "Correct the row or leave it out.",
        ),
        (
            {"complaint": {"column": "label"}},
            "maybe",
            "expected a number, found 'maybe'. Correct the row or leave it out.",
        ),
        (
            {"complaint": {"column": "label"}},
            "-0.1",
            "expected a number from 0 to 1, found -0.1. "
            "Correct the row, or the scale of the column.",
        ),
        (
            {"valence": {"column": "label", "scale": 0.25}},
            "4.04",
            "expected a number from -1 to 1, found 1.01. "
            "Correct the row, or the scale of the column.",
        ),
        (
            {"valence": {"column": "label"}},
            "nan",
            "expected a number, found 'nan'. Correct the row or leave it out.",
        ),
        (
            {"intensity": {"column": "label", "cuts": [1, 2, 3]}},
            "nan",
            "expected a number, found 'nan'. Correct the row or leave it out.",
        ),
    ],
)
def test_a_label_outside_the_set_is_refused_with_its_row(
    labels: dict[str, Any], value: str, told: str, tmp_path: Path
) -> None:
    rows = [{"text": "fine", "label": ""}, {"text": "not", "label": value}]
    write_csv(tmp_path / "set.csv", rows)
    with pytest.raises(DataError) as error:
        read(tmp_path, labels)
    assert str(error.value) == f"{tmp_path}/set.csv, row 2: label: {told}"


def test_what_pandas_leaves_out_of_a_parquet_file_is_no_label(tmp_path: Path) -> None:
    rows = [{"text": "a", "valence": float("nan")}, {"text": "b", "valence": 0.5}]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "set.parquet")
    found = read(tmp_path, {"valence": {}}, path="set.parquet")
    assert [sample.labels for sample in found] == [{}, {"valence": 0.5}]


def test_an_unknown_column_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    write_csv(tmp_path / "set.csv", RECORDS)
    with pytest.raises(DataError) as error:
        read(tmp_path, {"valence": {"column": "rating"}}, key="review")
    assert str(error.value) == (
        f"{tmp_path}/set.csv: expected the columns 'rating', 'review', found 'complaint', "
        "'polarity', 'text', 'valence'. Correct the columns of the source in the configuration."
    )


def test_an_unknown_column_of_texts_is_told(tmp_path: Path) -> None:
    write_csv(tmp_path / "set.csv", RECORDS)
    with pytest.raises(InputError, match=r"expected the column 'body', found 'text', .*Correct"):
        read(tmp_path, LABELS, text="body")


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("set.csv", b"text,complaint\nfine,1\ncaf\xe9,1\n", "expected UTF-8 text, found the byte"),
        ("set.csv", b"\xff\xfet\x00e\x00", "expected UTF-8 text, found the byte 0xff that is none"),
        ("set.jsonl", b'{"text": "caf\xe9"}', "expected UTF-8 text, found the byte 0xe9 that is"),
        ("set.csv", b"", "expected the column 'text', found no columns"),
        ("set.jsonl", b"", "expected labelled messages, found none. Give another file."),
        ("set.parquet", b"", "expected a Parquet file, found: "),
        ("set.csv", b"text,complaint\n", "expected labelled messages, found none"),
        ("set.csv", b"text,complaint\n  ,1\n", "expected labelled messages, found none"),
        ("set.csv", b'text,complaint\n"open,1\n', "expected a CSV row, found: unexpected end"),
        ("set.csv", b"text,complaint\na,1,2\n", "row 1: expected 2 fields, found more"),
        (
            "set.xlsx",
            b"PK",
            "ends in .csv, .tsv, .txt, .jsonl, .parquet, found .xlsx",
        ),
        ("set.csv", None, "expected a file, found none. Give the folder that holds it with --data"),
    ],
)
def test_what_is_no_file_of_labels_is_refused(
    name: str, raw: bytes | None, told: str, tmp_path: Path
) -> None:
    if raw is not None:
        (tmp_path / name).write_bytes(raw)
    with pytest.raises((DataError, InputError)) as error:
        read(tmp_path, {"complaint": {}}, path=name)
    assert str(error.value).startswith(f"{tmp_path / name}")
    assert told in str(error.value)


def splits_of(samples: list[Sample]) -> set[str]:
    return {sample.split for sample in samples}


def test_a_review_is_never_split(tmp_path: Path) -> None:
    rows = [
        {"id": f"{review}_{n}", "text": f"{review} {n}", "complaint": "1"}
        for review in range(60)
        for n in range(3)
    ]
    write_csv(tmp_path / "set.csv", rows)
    found = read(tmp_path, {"complaint": {}}, key="id", key_until="_")
    assert splits_of(found) == {"train", "validation", "test"}
    reviews = [found[start : start + 3] for start in range(0, len(found), 3)]
    assert {len(splits_of(review)) for review in reviews} == {1}
    apart = read(tmp_path, {"complaint": {}}, key="id")
    reviews = [apart[start : start + 3] for start in range(0, len(apart), 3)]
    assert {len(splits_of(review)) for review in reviews} > {1}


def test_equal_messages_are_never_split(tmp_path: Path) -> None:
    rows = [
        {"text": f"the {w} words {n}", "complaint": "1"}
        for n in range(60)
        for w in ("SAME", "same")
    ]
    write_csv(tmp_path / "set.csv", rows)
    found = read(tmp_path, {"complaint": {}})
    assert splits_of(found) == {"train", "validation", "test"}
    assert [a.split for a in found[::2]] == [b.split for b in found[1::2]]


@pytest.mark.parametrize(
    ("test", "validation", "expected"),
    [(0, 0, {"train"}), (100, 0, {"test"}), (0, 100, {"validation"})],
)
def test_shares(test: int, validation: int, expected: set[str], tmp_path: Path) -> None:
    write_csv(tmp_path / "set.csv", [{"text": f"text {n}", "complaint": "1"} for n in range(200)])
    found = read(tmp_path, {"complaint": {}}, test_share=test, validation_share=validation)
    assert splits_of(found) == expected


def test_held_out_texts_are_tested_under_whatever_id(tmp_path: Path) -> None:
    rows = [{"id": n, "text": f"Text  {n}", "complaint": "1"} for n in range(100)]
    write_csv(tmp_path / "set.csv", rows)
    write_csv(tmp_path / "kept.csv", [{"id": "other", "text": "text 7"}])
    before = read(tmp_path, {"complaint": {}}, key="id", test_share=0, validation_share=0)
    after = read(
        tmp_path, {"complaint": {}}, key="id", test_share=0, validation_share=0, held_out="kept.csv"
    )
    assert splits_of(before) == {"train"}
    assert [sample.text for sample in after if sample.split == "test"] == ["Text 7"]


def test_messages_without_the_names_that_they_address(tmp_path: Path) -> None:
    write_csv(tmp_path / "set.csv", [{"text": "@shop my kettle is @you late", "complaint": "1"}])
    [plain] = read(tmp_path, {"complaint": {}})
    [unaddressed] = read(tmp_path, {"complaint": {}}, without_handles=True)
    assert plain.text == "@shop my kettle is @you late"
    assert unaddressed.text == "my kettle is late"
    assert unaddressed.split == plain.split


def test_a_data_set_folder_is_read_through_datasets(tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    folder.mkdir()
    write_csv(folder / "train.csv", RECORDS)
    write_csv(folder / "test.csv", RECORDS[:1])
    write_csv(tmp_path / "set.csv", RECORDS)
    found = read(tmp_path, LABELS, path="", dataset=str(folder))
    assert [(s.text, s.labels) for s in found] == [
        (s.text, s.labels) for s in read(tmp_path, LABELS)
    ]
    [one] = read(tmp_path, LABELS, path="", dataset=str(folder), dataset_split="test")
    assert one.text == RECORDS[0]["text"]


def test_a_data_set_without_the_column_is_refused(tmp_path: Path) -> None:
    write_csv(tmp_path / "train.csv", RECORDS)
    with pytest.raises(DataError) as error:
        read(tmp_path, LABELS, path="", dataset=str(tmp_path), text="body")
    assert str(error.value) == (
        f"data set {tmp_path}: expected the column 'body', found 'text', 'polarity', 'valence', "
        "'complaint'. Correct the columns of the source in the configuration."
    )


@pytest.mark.parametrize("split", ["train", "dev"])
def test_a_data_set_that_is_nowhere_is_refused(
    split: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = str(tmp_path / "none")
    if split == "dev":
        name = str(tmp_path)
        write_csv(tmp_path / "train.csv", RECORDS)
    with pytest.raises(DataError) as error:
        read(tmp_path, LABELS, path="", dataset=name, dataset_split=split)
    assert str(error.value).startswith(
        f"data set {name!r}, split {split!r}: expected one that `datasets` loads, found: "
    )
    assert str(error.value).endswith("Correct its name, or go online once.")


@pytest.mark.parametrize("given", [{"path": ""}, {"dataset": "somebody/set"}])
def test_a_source_is_a_file_or_a_data_set(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="expected either path or dataset, found both or neither"):
        SourceConfig.model_validate({"name": "x", "path": "x.csv", "labels": LABELS, **given})


def test_further_labels_of_the_same_rows_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "text": "late", "complaint": "1"},
        {"id": "2", "text": "hi", "complaint": "0"},
    ]
    write_csv(tmp_path / "set.csv", rows)
    write_csv(
        tmp_path / "more.csv",
        [
            {"id": "2", "text": "another", "complaint": "1", "polarity": "neutral", "escalate": ""},
            {"id": "1", "text": "", "complaint": "", "polarity": "negative", "escalate": "yes"},
            {"id": "3", "text": "", "complaint": "", "polarity": "positive", "escalate": "no"},
        ],
    )
    labels = {"complaint": {}, "polarity": {}, "escalate": {}}
    found = read(tmp_path, labels, more_labels="more.csv")
    assert [(sample.text, sample.labels) for sample in found] == [
        ("late", {"complaint": 1, "polarity": 0, "escalate": 1}),
        ("hi", {"complaint": 0, "polarity": 1}),
    ]


@pytest.mark.parametrize(
    ("rows", "more", "told"),
    [
        ([{"text": "late"}], [{"id": "1", "polarity": "negative"}], "expected the columns 'id'"),
        ([{"id": "1", "text": "late"}], [{"key": "1", "polarity": "negative"}], "'id'"),
        ([{"id": "1", "text": "late"}], [{"id": "1", "mood": "negative"}], "'polarity'"),
    ],
    ids=["no id in the rows", "no id in the labels", "another column"],
)
def test_further_labels_that_cannot_be_told_apart_are_refused(
    rows: list[dict[str, str]], more: list[dict[str, str]], told: str, tmp_path: Path
) -> None:
    write_csv(tmp_path / "set.csv", rows)
    write_csv(tmp_path / "more.csv", more)
    with pytest.raises((DataError, InputError), match=told):
        read(tmp_path, {"polarity": {}}, more_labels="more.csv")


def test_rows_without_further_labels_keep_their_own(tmp_path: Path) -> None:
    write_csv(tmp_path / "set.csv", [{"id": "1", "text": "late", "complaint": "1"}])
    write_csv(tmp_path / "more.csv", [{"id": "2", "polarity": "negative"}])
    [found] = read(tmp_path, {"complaint": {}, "polarity": {}}, more_labels="more.csv")
    assert found.labels == {"complaint": 1}
