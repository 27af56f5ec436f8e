"""Where labels come from: files or data sets with a mapping of their columns to heads."""

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from amends.records import Record, Request, read_records
from finetune.samples import DataError, Sample, Split, bucket
from nlu.heads import HeadSpec
from nlu.text import clean, without_handles

MAX_CHARS = 4000
OWN_FOLDER = Path(__file__).parent
HINT = "Correct the columns of the source in the configuration."
MISSING = "Give the folder that holds it with --data."


class LabelColumn(BaseModel):
    """How a column becomes the label of a head.

    Attributes:
        column: Its name; the head's name when empty.
        values: What the file writes for a label of the head, or for a number.
        scale: A number is multiplied by it.
        cuts: Turn a number into a class: how many of these, taken in order, it has reached; rising
            or falling.
        at_most: A larger number is no label of this head.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str = ""
    values: dict[str, str] = Field(default_factory=dict)
    scale: float = 1.0
    cuts: tuple[float, ...] = ()
    at_most: float = math.inf


class SourceConfig(BaseModel):
    """A set of labelled messages.

    Attributes:
        name: How stages and reports call it.
        path: A .csv, .tsv, .txt, .jsonl or .parquet file in the folder of --data; `own:` stands for
            the project's own files, `package:` for those of an installed Python package.
        header: Names of the columns of a .tsv or .txt file that does not say them.
        dataset: Instead of a path: the id of a data set on the Hub, or a folder that `datasets`
            loads.
        dataset_split: Which part of that data set.
        text: The column that holds the message.
        labels: By head; an empty cell is no label.
        key: Rows with the same value of this column stay in one split; the message itself when
            empty.
        key_until: Only what stands before this sign counts.
        test_share: Per cent of the keys that are kept for the test.
        validation_share: Per cent of the keys that are kept for validation.
        more_labels: A file with further labels of some of the rows, without their texts; what a row
            says itself goes before it.
        more_labels_by: The column that says in both files which row is which.
        held_out: Texts of this file are never trained on; they are part of the test.
        without_handles: Read the messages without the names that they address.
        about: What it is and under which licence, for the model card.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    path: str = ""
    header: tuple[str, ...] = ()
    dataset: str = ""
    dataset_split: str = "train"
    text: str = "text"
    labels: dict[str, LabelColumn] = Field(min_length=1)
    key: str = ""
    key_until: str = ""
    test_share: int = Field(20, ge=0, le=100)
    validation_share: int = Field(5, ge=0, le=100)
    more_labels: str = ""
    more_labels_by: str = "id"
    held_out: str = ""
    without_handles: bool = False
    about: str = ""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if bool(self.path) == bool(self.dataset):
            raise ValueError("expected either path or dataset, found both or neither")
        return self

    def split_of(self, key: str) -> Split:
        """Where a key belongs, the same on every machine and in every order."""
        place = bucket(key)
        if place < self.test_share:
            return "test"
        return "validation" if place < self.test_share + self.validation_share else "train"


def read_source(source: SourceConfig, data: Path, heads: Mapping[str, HeadSpec]) -> list[Sample]:
    """Read all samples of a source.

    Args:
        source: What to read and how.
        data: The folder that relative paths start from.
        heads: What labels may be.

    Raises:
        DataError: a label is not one of the head's, a column does not exist, or there is no row.
        InputError: the file cannot be read.
    """
    held_out = _held_out(source, data)
    name, records = _records(source, data)
    samples: list[Sample] = []
    found: set[str] = set()
    for row, record in enumerate(_with_more_labels(source, data, records), start=1):
        found.update(record)
        sample = _sample(source, heads, record, f"{name}, row {row}", held_out)
        if sample.text:
            samples.append(sample)
    if not samples:
        raise DataError(f"{name}: expected labelled messages, found none. Give another file.")
    _check_columns(source, name, found)
    return samples


def _records(source: SourceConfig, data: Path) -> tuple[str, Iterable[Record]]:
    if source.path:
        path = resolve(source.path, data)
        return str(path), read_records(Request(path, [source.text], MISSING, HINT, source.header))
    return f"data set {source.dataset}", _dataset(source)


def _with_more_labels(
    source: SourceConfig, data: Path, records: Iterable[Record]
) -> Iterable[Record]:
    if not source.more_labels:
        return records
    column = source.more_labels_by
    path = resolve(source.more_labels, data)
    rows = read_records(Request(path, [column], MISSING, HINT))
    more = {str(row[column]): row for row in rows}
    nothing: Record = {name: None for row in more.values() for name in row if name != column}
    return ({**more.get(str(record.get(column)), nothing), **record} for record in records)


def resolve(path: str, data: Path) -> Path:
    """The file that a source's path names.

    Raises:
        DataError: it is in a package that is not installed.
    """
    kind, _, rest = path.rpartition(":")
    return ORIGINS[kind](rest) if kind in ORIGINS else data / path


def _in_package(path: str) -> Path:
    package = path.partition("/")[0]
    # Looked for, not imported: a package may do anything when it is.
    found = find_spec(package)
    if found is None or found.origin is None:
        raise DataError(
            f"package:{path}: expected the Python package {package}, found it missing. Install it, "
            "or leave the source out."
        )
    return Path(found.origin).parent.parent / path


ORIGINS: Mapping[str, Callable[[str], Path]] = {
    "own": OWN_FOLDER.joinpath,
    "package": _in_package,
}


def _dataset(source: SourceConfig) -> Iterator[Record]:
    import datasets  # noqa: PLC0415 - takes a second, and few runs need it

    try:
        loaded = datasets.load_dataset(source.dataset, split=source.dataset_split)
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        raise DataError(
            f"data set {source.dataset!r}, split {source.dataset_split!r}: expected one that "
            f"`datasets` loads, found: {error}. Correct its name, or go online once."
        ) from error
    if source.text not in loaded.column_names:
        raise DataError(
            f"data set {source.dataset}: expected the column {source.text!r}, found "
            f"{', '.join(map(repr, loaded.column_names))}. {HINT}"
        )
    yield from loaded


def _sample(
    source: SourceConfig,
    heads: Mapping[str, HeadSpec],
    record: Record,
    place: str,
    held_out: set[str],
) -> Sample:
    text = clean(str(record[source.text] or ""), MAX_CHARS)
    key = str(record.get(source.key, "")) if source.key else text.casefold()
    key = key.split(source.key_until)[0] if source.key_until else key
    split = "test" if text.casefold() in held_out else source.split_of(key)
    return Sample(
        text=without_handles(text) if source.without_handles else text,
        source=source.name,
        key=key,
        split=split,
        labels=dict(_labels(source, heads, record, place)),
    )


def _labels(
    source: SourceConfig, heads: Mapping[str, HeadSpec], record: Record, place: str
) -> Iterator[tuple[str, float]]:
    for head, column in source.labels.items():
        value = record.get(column.column or head)
        # NaN is what a Parquet file of pandas has in an empty cell.
        if value is None or value == "" or value != value:  # noqa: PLR0124
            continue
        label = _label(heads[head], column, str(value), f"{place}: {column.column or head}")
        if label is not None:
            yield head, label


def _label(spec: HeadSpec, column: LabelColumn, value: str, place: str) -> float | None:
    value = column.values.get(value, value)
    if spec.labels and not column.cuts:
        return _named(spec, value, place)
    number = _number(value, place)
    if number > column.at_most:
        return None
    if column.cuts:
        rising = column.cuts[0] <= column.cuts[-1]
        return float(sum((number >= cut) if rising else (number <= cut) for cut in column.cuts))
    return _in_range(spec, number * column.scale, place)


def _named(spec: HeadSpec, value: str, place: str) -> float:
    if value not in spec.labels:
        raise DataError(
            f"{place}: expected one of {', '.join(spec.labels)}, found {value!r}. "
            "Correct the row or leave it out."
        )
    return float(spec.labels.index(value))


NUMBERS = {"true": "1", "false": "0", "yes": "1", "no": "0"}


def _number(value: str, place: str) -> float:
    try:
        number = float(NUMBERS.get(value.lower(), value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise DataError(
            f"{place}: expected a number, found {value!r}. Correct the row or leave it out."
        )
    return number


def _in_range(spec: HeadSpec, number: float, place: str) -> float:
    least = -1.0 if spec.kind == "regression" else 0.0
    if not least <= number <= 1.0:
        raise DataError(
            f"{place}: expected a number from {least:g} to 1, found {number:g}. "
            "Correct the row, or the scale of the column."
        )
    return number


def _check_columns(source: SourceConfig, name: str, found: set[str]) -> None:
    wanted = {column.column or head for head, column in source.labels.items()}
    wanted |= {source.key} if source.key else set()
    wanted |= {source.more_labels_by} if source.more_labels else set()
    missing = sorted(wanted - found)
    if missing:
        raise DataError(
            f"{name}: expected the columns {', '.join(map(repr, missing))}, found "
            f"{', '.join(map(repr, sorted(found)))}. {HINT}"
        )


def _held_out(source: SourceConfig, data: Path) -> set[str]:
    if not source.held_out:
        return set()
    rows = read_records(Request(resolve(source.held_out, data), ["text"], MISSING, HINT))
    # By their words: the same message may stand under another id.
    return {clean(str(row["text"] or ""), MAX_CHARS).casefold() for row in rows}


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
