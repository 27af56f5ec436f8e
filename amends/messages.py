"""Reads messages from a file, one row at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from amends.records import InputError, Record, Request, read_records

__all__ = ["InputError", "Row", "read_messages"]


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
    """Read a .csv, .tsv, .txt, .jsonl or .parquet file lazily.

    Raises:
        InputError: at once for a file of another kind or one that is missing; while iterating for
            a column that is missing and for a row that cannot be read.
    """
    request = Request(
        path=path,
        columns=[text_column, *([id_column] if id_column else [])],
        if_missing="Correct --input.",
        if_other_columns="Name the right one with --text-column or --id-column.",
    )
    return _rows(path, read_records(request), text_column, id_column)


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
