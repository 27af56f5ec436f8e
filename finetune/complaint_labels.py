"""Complaints with their labels, on which thresholds are chosen and reported.

Those of `complaint_labels.csv` are never trained on; of the project's own, the categories are not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from amends.records import Record, Request, read_records
from finetune.samples import DataError, Sample, bucket

FILE = "complaint_labels.csv"
TWEETS = "complaint_tweets.csv"
OWN_LABELS = Path(__file__).parent / "labels" / TWEETS
NO_SHOPS = frozenset({"transport", "cars"})
"""Domains that the complaint labels leave out: airlines and car makers."""

COLUMNS = ("id", "text", "category", "polarity", "intensity", "escalate")

Half = Literal["tune", "report"]


@dataclass(frozen=True)
class LabelledComplaint:
    """A message with its labels; None where the labellers did not agree."""

    id: str
    text: str
    half: Half
    category: str | None
    polarity: str | None
    intensity: str | None
    escalate: bool | None


def half_of(message_id: str) -> Half:
    """Which half of the complaint labels a message belongs to."""
    return "tune" if bucket(f"half {message_id}") % 2 else "report"


def labelled_complaints(folder: Path) -> list[LabelledComplaint]:
    """The complaint labels, split in half: `tune` chooses thresholds, `report` is reported.

    Raises:
        InputError: the file cannot be read.
    """
    request = Request(
        folder / FILE,
        COLUMNS,
        "Thresholds are chosen on it: give the folder that holds it with --data.",
        "See finetune/README.md for its columns.",
    )
    return [_row(row, row["text"], half_of(row["id"])) for row in read_records(request)]


def own_labelled(folder: Path) -> list[LabelledComplaint]:
    """Messages to shops with labels of the project's own; nothing is learnt from the categories.

    Raises:
        InputError: the file with the messages cannot be read.
    """
    hint = "Correct --data.", "See the data."
    tweets = read_records(Request(folder / TWEETS, ["id", "text", "domain"], *hint))
    texts = {row["id"]: row["text"] for row in tweets if row["domain"] not in NO_SHOPS}
    labels = read_records(Request(OWN_LABELS, [c for c in COLUMNS if c != "text"], "", ""))
    return [_row(row, texts[row["id"]], "report") for row in labels if row["id"] in texts]


def _row(row: Record, text: str, half: Half) -> LabelledComplaint:
    return LabelledComplaint(
        id=row["id"],
        text=text,
        half=half,
        category=row["category"] or None,
        polarity=row["polarity"] or None,
        intensity=row["intensity"] or None,
        escalate={"yes": True, "no": False}.get(row["escalate"]),
    )


def half(folder: Path, wanted: Half) -> list[LabelledComplaint]:
    """One half of the complaint labels."""
    return [row for row in labelled_complaints(folder) if row.half == wanted]


def of_validation(samples: Iterable[Sample], sources: Iterable[str]) -> list[LabelledComplaint]:
    """The validation rows of these sources that say whether a person is needed."""
    names = set(sources)
    return [
        LabelledComplaint(
            id=sample.key,
            text=sample.text,
            half="tune",
            category=None,
            polarity=None,
            intensity=None,
            escalate=bool(round(sample.labels["escalate"])),
        )
        for sample in samples
        if sample.split == "validation" and sample.source in names and "escalate" in sample.labels
    ]


def refuse_too_few(tune: list[LabelledComplaint]) -> None:
    """Refuse labels that no threshold can be chosen on.

    Raises:
        DataError: they hold no escalation, or no category.
    """
    urgent, named = sum(bool(row.escalate) for row in tune), sum(bool(row.category) for row in tune)
    if not (urgent and named):
        raise DataError(
            f"{FILE}: expected rows to choose thresholds on, some labelled escalate "
            f"and some with a category, found too few: {urgent} and {named} in the tune half. "
            "Label more rows."
        )
