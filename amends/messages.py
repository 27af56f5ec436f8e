"""Reads messages from a file, one row at a time."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from amends.errors import AmendsError

# The longest field that a row may have; the csv module's own limit is 128 kB.
FIELD_LIMIT = 16 * 2**20

Record = dict[str, Any]


class InputError(AmendsError):
    """A file cannot be read as messages; names the file and the row or column."""


@dataclass(frozen=True)
class Row:
    """One message of a file.

    Attributes:
        number: Place among the rows, from 1; a header does not count.
        id: The id column's value, or the number.
        text: The message; empty where the row has none.
    """

    number: int
    id: str
    text: str


def read_messages(path: Path, text_column: str, id_column: str | None) -> Iterator[Row]:
    """Read a .csv, .jsonl or .parquet file lazily.

    Raises:
        InputError: at once for a file of another kind or one that is missing; while iterating for
            a column that is missing and for a row that cannot be read.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path}: expected a file that ends in {', '.join(READERS)}, found "
            f"{path.suffix or 'no ending'}. Convert it first."
        )
    if not path.is_file():
        raise InputError(f"{path}: expected a file, found none. Correct --input.")
    wanted = [text_column, *([id_column] if id_column else [])]
    return _rows(path, reader(path, wanted), text_column, id_column)


def _rows(path: Path, records: Iterator[Record], text: str, id_: str | None) -> Iterator[Row]:
    for number, record in enumerate(records, start=1):
        value = record.get(text)
        if value is not None and not isinstance(value, str):
            raise InputError(
                f"{path}, row {number}: expected text in the column {text!r}, found "
                f"{type(value).__name__}. Give another --text-column or correct the row."
            )
        yield Row(number, _id(record, id_, number), value or "")


def _id(record: Record, column: str | None, number: int) -> str:
    value = record.get(column) if column else None
    return str(number) if value is None else str(value).encode(errors="replace").decode()


def _csv(path: Path, wanted: list[str]) -> Iterator[Record]:
    csv.field_size_limit(FIELD_LIMIT)
    try:
        # utf-8-sig: spreadsheets begin a CSV file with a byte order mark.
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _csv_records(path, csv.DictReader(file, strict=True), wanted)
    except UnicodeDecodeError as error:
        raise InputError(_not_text(path, error)) from error
    except OSError as error:
        raise InputError(_not_read(path, error)) from error


def _csv_records(path: Path, reader: "csv.DictReader[str]", wanted: list[str]) -> Iterator[Record]:
    row = 0
    try:
        _check_columns(path, wanted, list(reader.fieldnames or []))
        for record in reader:
            row += 1
            _check_width(path, row, record)
            yield record
    except csv.Error as error:
        raise InputError(
            f"{path}, row {row + 1}: expected a CSV row, found: {error}. "
            "Look for a quote that is not closed or not doubled."
        ) from error


def _check_width(path: Path, row: int, record: Record) -> None:
    if None in record:  # Where DictReader puts what has no column.
        raise InputError(
            f"{path}, row {row}: expected {len(record) - 1} fields, found more. "
            "Put a text that holds commas in quotes."
        )


def _jsonl(path: Path, wanted: list[str]) -> Iterator[Record]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            lines = (line for line in file if line.strip())
            for row, line in enumerate(lines, start=1):
                yield _json_record(path, row, line, wanted)
    except UnicodeDecodeError as error:
        raise InputError(_not_text(path, error)) from error
    except OSError as error:
        raise InputError(_not_read(path, error)) from error


def _json_record(path: Path, row: int, line: str, wanted: list[str]) -> Record:
    try:
        record = json.loads(line)
    # ValueError: no JSON, or a number of more digits than Python reads.
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path}, row {row}: expected one JSON object, found: {error}. Correct the line."
        ) from error
    if not isinstance(record, dict):
        raise InputError(
            f"{path}, row {row}: expected one JSON object, found {type(record).__name__}. "
            "Write one object a line."
        )
    _check_columns(path, wanted, list(record), f", row {row}")
    return record


def _parquet(path: Path, wanted: list[str]) -> Iterator[Record]:
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            _check_columns(path, wanted, file.schema_arrow.names)
            for batch in file.iter_batches(columns=wanted):
                yield from batch.to_pylist()
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: expected a Parquet file, found: {error}. Write it again."
        ) from error


def _check_columns(path: Path, wanted: list[str], found: list[str], where: str = "") -> None:
    for column in wanted:
        if column not in found:
            raise InputError(
                f"{path}{where}: expected the column {column!r}, found "
                f"{', '.join(map(repr, found)) or 'no columns'}. "
                "Name the right one with --text-column or --id-column."
            )


def _not_text(path: Path, error: UnicodeDecodeError) -> str:
    return (
        f"{path}: expected UTF-8 text, found the byte 0x{error.object[error.start]:02x} that is "
        "none. Save the file as UTF-8; if it is no text file at all, choose another."
    )


def _not_read(path: Path, error: OSError) -> str:
    return (
        f"{path}: expected a file that can be read, found: {error.strerror}. "
        "Check its rights, or choose another."
    )


READERS: dict[str, Callable[[Path, list[str]], Iterator[Record]]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
}
