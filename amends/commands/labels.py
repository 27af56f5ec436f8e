"""`amends labels`: what agents correct, and what is most worth labelling next."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.commands.counting import counted
from amends.messages import Row, read_messages
from amends.outputs import check_writable, refuse_input, write_whole
from amends.settings import get_settings
from nlu.category_file import read_categories
from nlu.reader import Reader
from nlu.text import unreadable
from tickets.labels import CorrectedMessage, Correction, LabelError, read_correction
from tickets.reference import as_reference
from tickets.store import TicketStore

if TYPE_CHECKING:
    from finetune.suggest import Candidate, Probabilities, Suggestion, Vectors

    Scorers = tuple[
        Callable[[Sequence[str]], list[Probabilities]], Callable[[Sequence[str]], Vectors]
    ]

app = typer.Typer(
    help="Correct what Amends found, and turn corrections into the next classifier.",
    no_args_is_help=True,
)

DIGITS = 4

Reference = Annotated[
    str, typer.Argument(help="Such as AM-K7RD4X; small letters do, and AM- may be left out.")
]
Output = Annotated[
    Path, typer.Option(help="JSON Lines file to write, whole or not at all; replaces an older one.")
]


@app.command()
def correct(
    reference: Reference,
    by: Annotated[str, typer.Option(help="Who corrects.", metavar="NAME")],
    message: Annotated[
        str | None,
        typer.Option(help="Which message on the ticket, by its id; else the last.", metavar="ID"),
    ] = None,
    polarity: Annotated[
        str | None, typer.Option(help="negative, neutral or positive.", metavar="POLARITY")
    ] = None,
    intensity: Annotated[
        str | None, typer.Option(help="weak, medium, strong or extreme.", metavar="INTENSITY")
    ] = None,
    category: Annotated[
        str | None, typer.Option(help="One of the categories file, or other.", metavar="CATEGORY")
    ] = None,
    escalate: Annotated[
        bool | None,
        typer.Option(help="Whether a person should have seen it, or it was wrongly escalated."),
    ] = None,
) -> None:
    """Say what is right of a message on a ticket.

    Nothing is overwritten: of each field what was said last counts, what was said before is kept.

    Example: amends labels correct AM-K7RD4X --intensity medium --no-escalate --by Ada
    """
    known = read_categories(get_settings().categories_file).categories
    correction = read_correction(polarity, intensity, category, escalate, known)
    with _store() as store:
        label = store.labels.correct(reference, correction, by, message)
    typer.echo(
        f"Stored for {as_reference(reference)}, message {_plain(label.message_id)}: "
        f"{_told(label.correction)}."
    )


@app.command()
def show(reference: Reference) -> None:
    """Show everything that was corrected on a ticket, oldest first.

    One line a correction, with tabs between: time (UTC), message id, who, what.

    Example: amends labels show AM-K7RD4X
    """
    with _store() as store:
        labels = store.labels.history(reference)
    for label in labels:
        time = f"{label.at:%Y-%m-%d %H:%M:%S}"
        typer.echo("\t".join((time, _plain(label.message_id), label.by, _told(label.correction))))
    if not labels:
        typer.echo("Nothing was corrected on this ticket.", err=True)


@app.command()
def export(
    output: Output,
    since: Annotated[
        str | None,
        typer.Option(help="Only messages corrected on this day or later (UTC).", metavar="DATE"),
    ] = None,
) -> None:
    """Write the corrected messages for `amends train --add`.

    One JSON object a message: id (reference and message), text with personal data masked, of
    polarity, intensity, category and escalate those that were corrected, and when (at). Who
    corrected stays out of training data. Where there is nothing to export the file is empty.

    Example: amends labels export --output corrections.jsonl --since 2026-01-31
    """
    day = _day(since)
    check_writable(output, "--output")
    with _store() as store:
        corrected = store.labels.corrected(day)
    _write(output, map(_exported, corrected))
    if not corrected:
        typer.echo(f"Nothing was corrected{f' since {since}' if since else ''}.", err=True)


@app.command()
def suggest(
    output: Output,
    input_: Annotated[
        Path | None,
        typer.Option(
            "--input",
            help="File of messages, UTF-8: .csv, .tsv, .txt, .jsonl, .parquet; without it, those "
            "on tickets that nobody corrected.",
        ),
    ] = None,
    text_column: Annotated[
        str, typer.Option(help="Column or key that holds the message.")
    ] = "text",
    id_column: Annotated[
        str | None, typer.Option(help="Column or key to keep as id; else the row's number.")
    ] = None,
    number: Annotated[int, typer.Option(help="How many messages to suggest.", min=1)] = 50,
) -> None:
    """Choose the messages most worth labelling next.

    Those that the classifier is unsure of, each unlike the others, the most worthy first. One JSON
    object a message: id, text with personal data masked, uncertainty (0 to 1), and the same by
    head (unsure). What the classifier thinks is left out, lest it lead the labeller. Equal
    messages are suggested once; with the same messages and adapter, the same ones.

    Add the keys polarity, intensity, complaint or escalate to a line, then: amends train --add

    Example: amends labels suggest --input chats.csv --number 100 --output to_label.jsonl
    """
    rows = _from_file(input_, text_column, id_column, output) if input_ else _from_tickets()
    candidates = _candidates(rows)
    # What can be wrong at the start is told before seconds are spent on loading.
    check_writable(output, "--output")
    first = next(candidates, None)
    chosen = _chosen(chain([first], candidates), number) if first else []
    _write(output, map(_suggested, chosen))
    if not chosen:
        typer.echo("There is no message without a label that the classifier reads.", err=True)


def _store() -> closing[TicketStore]:
    return closing(TicketStore.open(get_settings().ticket_database_url))


def _told(correction: Correction) -> str:
    said = correction.model_copy(update={"escalate": None}).said
    words = [f"{name} {value}" for name, value in said.items()]
    if correction.escalate is not None:
        words.append("escalate" if correction.escalate else "do not escalate")
    return ", ".join(words)


def _plain(text: str) -> str:
    return "".join(filter(str.isprintable, text))


def _day(typed: str | None) -> datetime | None:
    if typed is None:
        return None
    try:
        day = datetime.fromisoformat(typed)
    except ValueError as error:
        raise LabelError(
            f"--since: expected a date such as 2026-01-31, found {typed!r}. Correct it."
        ) from error
    return day if day.tzinfo else day.replace(tzinfo=UTC)


def _exported(corrected: CorrectedMessage) -> dict[str, Any]:
    message = corrected.message
    said = corrected.correction.said
    return {"id": message.id, "text": message.text, **said, "at": corrected.at.isoformat()}


def _suggested(suggestion: "Suggestion") -> dict[str, Any]:
    return {
        "id": suggestion.candidate.id,
        "text": suggestion.candidate.text,
        "uncertainty": round(suggestion.uncertainty, DIGITS),
        "unsure": {name: round(value, DIGITS) for name, value in suggestion.unsure.items()},
    }


def _write(output: Path, records: Iterable[dict[str, Any]]) -> None:
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
    write_whole(output, "--output", lines)


def _from_file(source: Path, text: str, id_: str | None, output: Path) -> Iterator[Row]:
    refuse_input(source, output)
    return read_messages(source, text, id_)


def _from_tickets() -> Iterator[Row]:
    with _store() as store:
        messages = store.labels.unlabelled()
    for number, message in enumerate(messages, start=1):
        yield Row(number, message.id, message.text)


def _candidates(rows: Iterable[Row]) -> "Iterator[Candidate]":
    from finetune.suggest import Candidate  # noqa: PLC0415

    reader = Reader.of(get_settings())
    for row in counted(rows, "Reading"):
        text = reader.read(row.text)
        if not unreadable(text):
            yield Candidate(row.id, text)


def _chosen(candidates: "Iterable[Candidate]", number: int) -> "list[Suggestion]":
    from finetune.suggest import suggest as most_worthy  # noqa: PLC0415

    return most_worthy(candidates, number, *_load())


def _load() -> "Scorers":
    # Imported here: torch takes seconds, and a wrong path should be told at once.
    from nlu.adapter_in_use import adapter_in_use  # noqa: PLC0415
    from nlu.assessor import load_sentence_encoder  # noqa: PLC0415
    from nlu.classifier import Classifier  # noqa: PLC0415
    from nlu.text import meaning  # noqa: PLC0415

    settings = get_settings()
    adapter = adapter_in_use(settings)
    classifier = Classifier.load(adapter, settings.base_model, settings.precision, settings.device)
    encoder = load_sentence_encoder(settings)
    return classifier.probabilities, lambda texts: encoder.encode([meaning(t) for t in texts])
