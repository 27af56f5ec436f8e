"""`amends assess`."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from amends.commands.counting import counted
from amends.messages import InputError, Row, read_messages
from amends.outputs import check_writable, refuse_input, writing
from amends.settings import get_settings
from nlu.assessment import OTHER, Assessment, Unreadable
from tickets.triage import Decision, triage

if TYPE_CHECKING:
    from nlu.assessor import Assessor

CHUNK = 64
"""Rows that are scored, written and flushed together."""

SCORES = (
    "polarity",
    "polarity_probs",
    "valence",
    "intensity",
    "complaint",
    "subjectivity",
    "category",
    "similarity",
    "runners_up",
)
DIGITS = 4


def assess(
    text: Annotated[str | None, typer.Option(help="One message to assess.")] = None,
    input_: Annotated[
        Path | None,
        typer.Option("--input", help="Messages, UTF-8: .csv, .tsv, .txt, .jsonl or .parquet."),
    ] = None,
    text_column: Annotated[
        str, typer.Option(help="Column or key that holds the message.")
    ] = "text",
    id_column: Annotated[
        str | None, typer.Option(help="Column or key to keep as id; else the row's number.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="JSON Lines file to write; an existing one is replaced."),
    ] = None,
) -> None:
    """Score complaints: how they feel, what they are about, whether a person should see them.

    One message:   amends assess --text "third time my parcel is lost"

    A whole file:  amends assess --input tweets.csv --text-column text --output scores.jsonl

    Each row becomes one JSON object, in the order of the input, with the personal data in its text
    masked. A row without words, or in a script that the classifier does not read, is not scored:
    its scores are null, its reason says why.
    """
    if text is not None and not (input_ or output):
        _assess_text(text)
    elif text is None and input_ and output:
        _assess_file(input_, text_column, id_column, output)
    else:
        raise typer.BadParameter("expected either --text, or both --input and --output")


def _assess_text(text: str) -> None:
    if not text.strip():
        raise InputError(
            "--text: expected a message, found no words. Put it in quotes after --text."
        )
    record = _records(_load(), [Row(1, "1", text)])[0]
    typer.echo(json.dumps(record, ensure_ascii=False, indent=2))


def _assess_file(source: Path, text_column: str, id_column: str | None, output: Path) -> None:
    refuse_input(source, output)
    rows = read_messages(source, text_column, id_column)
    # All that can be wrong at the start is told before an older output is emptied.
    first = list(islice(rows, 1))
    check_writable(output, "--output")
    assessor = _load()
    with writing(output, "--output") as file:
        for chunk in _chunks(counted(chain(first, rows), "Assessing")):
            records = _records(assessor, chunk)
            _write(file, records)
            _report_unscored(source, chunk, records)


def _load() -> "Assessor":
    # Imported here: torch takes seconds, and a wrong path should be told at once.
    from nlu.assessor import Assessor  # noqa: PLC0415

    return Assessor.load(get_settings())


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Gather rows; what was read before a broken row is handed out before the error is."""
    chunk: list[Row] = []
    try:
        for row in rows:
            chunk.append(row)
            if len(chunk) == CHUNK:
                yield chunk
                chunk = []
    except InputError:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


def _records(assessor: "Assessor", rows: list[Row]) -> list[dict[str, Any]]:
    assessed = assessor.assess([row.text for row in rows])
    return [_record(row, found) for row, found in zip(rows, assessed, strict=True)]


def _record(row: Row, found: Assessment | Unreadable) -> dict[str, Any]:
    decision = triage(found, intent=None)
    values = found.model_dump(mode="json")
    return {
        "id": row.id,
        "text": found.text,
        **{name: _rounded(values.get(name)) for name in SCORES},
        "category": values.get("category", OTHER),
        "escalate": decision.decision is Decision.ESCALATE,
        "reason": f"{decision.rule}: {decision.detail}",
        "model": values.get("model"),
    }


def _rounded(value: Any) -> Any:  # noqa: ANN401 - a value of any JSON type
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value


def _write(file: TextIO, records: list[dict[str, Any]]) -> None:
    file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    file.flush()


def _report_unscored(source: Path, rows: list[Row], records: list[dict[str, Any]]) -> None:
    for row, record in zip(rows, records, strict=True):
        if record["polarity"] is None:
            typer.echo(f"{source}, row {row.number}: not scored, {record['reason']}", err=True)
