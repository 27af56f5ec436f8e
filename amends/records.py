"""Reads records from a .csv, .tsv, .txt, .jsonl or .parquet file, one at a time."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pyarrow
import pyarrow.parquet

from amends.errors import AmendsError

# The longest field that a row may have; the csv module's own limit is 128 kB.
FIELD_LIMIT = 16 * 2**20

Record = dict[str, Any]
RowReader = Callable[[TextIO], "csv.DictReader[str]"]


class InputError(AmendsError):
    """A file cannot be read as records; names the file and the row or column."""


@dataclass(frozen=True)
class Request:
    """What is asked of a file, and what to do where it has not got it.

    Attributes:
        path: The file.
        columns: Those that it must have.
        if_missing: What to do when there is no such file.
        if_other_columns: What to do when a column is missing.
        header: Names of the columns of a .tsv or .txt file whose first line is a row already.
    """

    path: Path
    columns: Sequence[str]
    if_missing: str
    if_other_columns: str
    header: Sequence[str] = ()


def read_records(request: Request) -> Iterator[Record]:
    """Read a .csv, .tsv, .txt (tab-separated, no quotes), .jsonl or .parquet file lazily.

    Raises:
        InputError: at once for a file of another kind or one that is missing; while iterating for
            a column that is missing and for a row that cannot be read.
    """
    path = request.path
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path}: expected a file that ends in {', '.join(READERS)}, found "
            f"{path.suffix or 'no ending'}. Convert it first."
        )
    if not path.is_file():
        raise InputError(f"{path}: expected a file, found none. {request.if_missing}")
    return reader(request)


def _csv(request: Request) -> Iterator[Record]:
    return _rows(request, lambda file: csv.DictReader(file, strict=True))


def _tsv(request: Request) -> Iterator[Record]:
    # A quote is a sign like any other there: lists of words hold emoticons such as :" too.
    return _rows(
        request,
        lambda file: csv.DictReader(
            file, request.header or None, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True
        ),
    )


def _rows(request: Request, read: RowReader) -> Iterator[Record]:
    path = request.path
    csv.field_size_limit(FIELD_LIMIT)
    try:
        # utf-8-sig: spreadsheets begin a CSV file with a byte order mark.
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _csv_records(request, read(file))
    except UnicodeDecodeError as error:
        raise InputError(_not_text(path, error)) from error
    except OSError as error:
        raise InputError(_not_read(path, error)) from error


def _csv_records(request: Request, reader: "csv.DictReader[str]") -> Iterator[Record]:
    path = request.path
    row = 0
    try:
        _check_columns(request, list(reader.fieldnames or []))
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


def _jsonl(request: Request) -> Iterator[Record]:
    path = request.path
    try:
        with path.open(encoding="utf-8-sig") as file:
            lines = (line for line in file if line.strip())
            for row, line in enumerate(lines, start=1):
                yield _json_record(request, row, line)
    except UnicodeDecodeError as error:
        raise InputError(_not_text(path, error)) from error
    except OSError as error:
        raise InputError(_not_read(path, error)) from error


def _json_record(request: Request, row: int, line: str) -> Record:
    path = request.path
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
    _check_columns(request, list(record), f", row {row}")
    return record


def _parquet(request: Request) -> Iterator[Record]:
    path = request.path
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            _check_columns(request, file.schema_arrow.names)
            for batch in file.iter_batches():
                yield from batch.to_pylist()
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: expected a Parquet file, found: {error}. Write it again."
        ) from error


def _check_columns(request: Request, found: list[str], where: str = "") -> None:
    for column in request.columns:
        if column not in found:
            raise InputError(
                f"{request.path}{where}: expected the column {column!r}, found "
                f"{', '.join(map(repr, found)) or 'no columns'}. {request.if_other_columns}"
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


READERS: dict[str, Callable[[Request], Iterator[Record]]] = {
    ".csv": _csv,
    ".tsv": _tsv,
    ".txt": _tsv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
}
