"""Reads labelled messages; a sample may carry only some of the labels."""

import csv
import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from amends.errors import AmendsError
from nlu.assessment import Intensity, Polarity
from nlu.text import clean, without_handles

Split = Literal["train", "test"]
Row = dict[str, str]

MAX_CHARS = 4000
NEUTRAL_VALENCE = 0.15
"""Ratings closer to 0 than this (on −1…1) teach `neutral`: about one standard error of the mean of
twenty raters, whose ratings spread by 0.7 on −4…4."""

LEVELS = (0.2, 0.45, 0.7)
"""Ratings this far below 0 teach `medium`, `strong` and `extreme`. The guide for complaints has no
such cuts; these put about as many sentences on each level as the guide's labellers did."""

TEST_SHARE = 20
POLARITIES = tuple(Polarity)
INTENSITIES = tuple(Intensity)
COMPLAINT_TWEETS = "complaint_tweets"
UNADDRESSED = "complaint_tweets without handles"
OWN_MESSAGES = Path(__file__).parent / "messages.csv"


class DataError(AmendsError):
    """A data file cannot be read as labels; names file, line, expected and found."""


@dataclass(frozen=True)
class Sample:
    """A message and what is known of it; NaN and -1 stand for a label that it does not carry.

    Attributes:
        text: The message, cleaned.
        source: The data set that it comes from.
        split: What it may be used for.
        polarity: Index into `Polarity`.
        valence: −1…1.
        intensity: Index into `Intensity`.
        complaint: 0 or 1.
    """

    text: str
    source: str
    split: Split
    polarity: int = -1
    valence: float = math.nan
    intensity: int = -1
    complaint: float = math.nan


@dataclass(frozen=True)
class LabelledComplaint:
    """A row of the complaint labels, for thresholds and for the report; None: not agreed upon."""

    text: str
    half: Literal["tune", "report"]
    category: str | None
    polarity: str | None
    intensity: str | None
    escalate: bool | None


def read_rows(path: Path, columns: set[str]) -> list[Row]:
    """Read a CSV file that must have these columns.

    Raises:
        DataError: no such file, not UTF-8, a column is missing, or a row is too short or too long.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            found, rows = list(reader.fieldnames or []), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"{path}: expected a UTF-8 CSV file with the columns {sorted(columns)}, found: "
            f"{error}. See finetune/README.md for the files that training reads."
        ) from error
    _check_columns(path, columns, found)
    for line, row in enumerate(rows, start=2):
        _check_width(path, line, row, len(found))
    return rows


def _check_columns(path: Path, columns: set[str], found: list[str]) -> None:
    missing = columns - set(found)
    if missing:
        raise DataError(
            f"{path}: expected the columns {sorted(columns)}, found {found}. "
            f"Add or rename: {', '.join(sorted(missing))}."
        )


def _check_width(path: Path, line: int, row: Row, width: int) -> None:
    # DictReader files what has no column under None, and fills what is missing with None.
    found = "more" if None in row else "fewer" if None in row.values() else None
    if found:
        raise DataError(
            f"{path}, line {line}: expected {width} fields, found {found}. "
            "Put a text that holds commas in quotes."
        )


def bucket(key: str) -> int:
    """A stable number from 0 to 99 for a key, the same on every machine and in every order."""
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % 100


def split_of(key: str) -> Split:
    """Where a key belongs: 20 % test, the rest train."""
    return "test" if bucket(key) < TEST_SHARE else "train"


def half_of(message_id: str) -> Literal["tune", "report"]:
    """Which half of the complaint labels a message belongs to."""
    return "tune" if bucket(f"half {message_id}") % 2 else "report"


def valence_samples(folder: Path, name: str, key: Callable[[Row], str]) -> Iterator[Sample]:
    """Sentences with a mean human rating in −4…4, scaled to −1…1.

    Args:
        folder: Where the data sets are.
        name: Data set, `valence_amazon` or the like.
        key: What keeps together in one split.
    """
    path = folder / f"{name}.csv"
    for line, row in enumerate(read_rows(path, {"id", "valence", "text"}), start=2):
        valence = _number(path, line, "valence", row["valence"], 4.0) / 4.0
        yield Sample(
            text=clean(row["text"], MAX_CHARS),
            source=name,
            split=split_of(key(row)),
            polarity=_polarity_of(valence),
            valence=valence,
            intensity=_intensity_of(valence),
        )


def complaint_samples(folder: Path) -> Iterator[Sample]:
    """Tweets that are a complaint or not.

    Rows that also carry complaint labels are kept out of training: thresholds are chosen and
    reported on them.
    """
    path = folder / "complaint_tweets.csv"
    labels = read_rows(folder / "complaint_labels.csv", {"text"})
    # By their words: the same message may stand under another id.
    labelled = {clean(row["text"], MAX_CHARS).casefold() for row in labels}
    for line, row in enumerate(read_rows(path, {"id", "text", "complaint"}), start=2):
        text = clean(row["text"], MAX_CHARS)
        yield Sample(
            text=text,
            source=COMPLAINT_TWEETS,
            split="test" if text.casefold() in labelled else split_of(text.casefold()),
            complaint=float(_index(path, line, "complaint", row["complaint"], ("0", "1"))),
        )


def unaddressed(samples: Iterable[Sample]) -> list[Sample]:
    """Copies of the complaint tweets without handles, as a source of their own.

    In that set a tweet that addresses nobody is hardly ever a complaint (5 % against 41 %): random
    tweets were added to those that shops got. Shoppers in a chat address nobody either, so training
    sees every tweet in both forms, lest a missing handle speak for a shop that has done no wrong.
    """
    return [
        replace(sample, text=without_handles(sample.text), source=UNADDRESSED)
        for sample in samples
        if sample.source == COMPLAINT_TWEETS
    ]


def own_samples(path: Path = OWN_MESSAGES) -> Iterator[Sample]:
    """Messages written for Amends, with polarity, intensity and complaint; all for training."""
    columns = {"text", "polarity", "intensity", "complaint"}
    for line, row in enumerate(read_rows(path, columns), start=2):
        yield Sample(
            text=clean(row["text"], MAX_CHARS),
            source="own_messages",
            split="train",
            polarity=_index(path, line, "polarity", row["polarity"], POLARITIES),
            intensity=_index(path, line, "intensity", row["intensity"], INTENSITIES),
            complaint=float(_index(path, line, "complaint", row["complaint"], ("0", "1"))),
        )


def labelled_complaints(folder: Path) -> list[LabelledComplaint]:
    """The complaint labels, split in half: `tune` chooses thresholds, `report` is reported."""
    columns = {"id", "text", "category", "polarity", "intensity", "escalate"}
    return [
        LabelledComplaint(
            text=row["text"],
            half=half_of(row["id"]),
            category=row["category"] or None,
            polarity=row["polarity"] or None,
            intensity=row["intensity"] or None,
            escalate={"yes": True, "no": False}.get(row["escalate"]),
        )
        for row in read_rows(folder / "complaint_labels.csv", columns)
    ]


def all_samples(folder: Path) -> list[Sample]:
    """Everything that training and evaluation read."""
    return [
        # Sentences of one review share its words and its mood: a review is never split.
        *valence_samples(folder, "valence_amazon", lambda row: row["id"].split("_")[0]),
        *valence_samples(folder, "valence_tweets", _text_key),
        *valence_samples(folder, "valence_movies", _text_key),
        *complaint_samples(folder),
        *own_samples(),
    ]


def _text_key(row: Row) -> str:
    return row["text"].casefold()


def _polarity_of(valence: float) -> int:
    if abs(valence) < NEUTRAL_VALENCE:
        return POLARITIES.index(Polarity.NEUTRAL)
    return POLARITIES.index(Polarity.NEGATIVE if valence < 0 else Polarity.POSITIVE)


def _intensity_of(valence: float) -> int:
    # How high a film is praised says nothing of how angry a complaint is.
    return -1 if valence > 0 else sum(-valence >= level for level in LEVELS)


def _number(path: Path, line: int, column: str, value: str, limit: float) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not abs(number) <= limit:
        raise DataError(
            f"{path}, line {line}: expected {column} as a number up to {limit:g} either way, "
            f"found {value!r}. Correct the row or leave it out."
        )
    return number


def _index(path: Path, line: int, column: str, value: str, labels: tuple[str, ...]) -> int:
    if value not in labels:
        raise DataError(
            f"{path}, line {line}: expected {column} to be one of {', '.join(labels)}, "
            f"found {value!r}. Correct the row or leave it out."
        )
    return labels.index(value)
