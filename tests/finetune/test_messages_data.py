"""The project's own labelled messages: well-formed, varied, nobody else's sentences."""

import csv
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "finetune" / "messages.csv"
TWEETS = ROOT.parent / "shared" / "data" / "complaint_tweets.csv"
LEAST_ROWS = 420
SAME_WORDS = 0.7
BOUNDS = {
    "polarity": {"negative": (0.40, 0.60), "neutral": (0.25, 0.40), "positive": (0.12, 0.25)},
    "intensity": {
        "weak": (0.38, 0.52),
        "medium": (0.20, 0.34),
        "strong": (0.15, 0.26),
        "extreme": (0.05, 0.12),
    },
    "complaint": {"0": (0.40, 0.65), "1": (0.35, 0.60)},
}
PERSONAL_DATA = {
    "e-mail": r"[\w.+-]+@[\w-]+\.\w+",
    "phone": r"\+?\d(?:[ ()./-]*\d){6,}",
    "card": r"(?:\d[ -]*){13,16}",
}

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def rows() -> Rows:
    with FILE.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, strict=True))


def normalised(text: str) -> str:
    return " ".join(re.findall(r"\w+", re.sub(r"@\w+", " ", text.casefold())))


def test_header():
    with FILE.open(encoding="utf-8") as handle:
        assert handle.readline() == "text,polarity,intensity,complaint\n"


def test_rows_are_enough_and_complete(rows: Rows):
    assert len(rows) >= LEAST_ROWS
    assert [row for row in rows if None in row or not all(row.values())] == []


@pytest.mark.parametrize("column", BOUNDS)
def test_labels_are_known(rows: Rows, column: str):
    assert {row[column] for row in rows} == set(BOUNDS[column])


@pytest.mark.parametrize(
    ("column", "label"), [(column, label) for column in BOUNDS for label in BOUNDS[column]]
)
def test_share_of_each_label(rows: Rows, column: str, label: str):
    share = Counter(row[column] for row in rows)[label] / len(rows)
    least, most = BOUNDS[column][label]

    assert least <= share <= most


def test_neutral_is_never_strong_nor_a_complaint(rows: Rows):
    neutral = [row for row in rows if row["polarity"] == "neutral"]

    assert {row["intensity"] for row in neutral} <= {"weak", "medium"}
    assert {row["complaint"] for row in neutral} == {"0"}


def test_no_message_occurs_twice(rows: Rows):
    counts = Counter(normalised(row["text"]) for row in rows)

    assert [text for text, count in counts.items() if count > 1] == []


def test_no_two_messages_share_most_words(rows: Rows):
    words = [set(normalised(row["text"]).split()) for row in rows]
    alike = [(a, b) for a, b in combinations(words, 2) if len(a & b) > SAME_WORDS * len(a | b)]

    assert alike == []


@pytest.mark.parametrize("kind", PERSONAL_DATA)
def test_messages_hold_no_personal_data(rows: Rows, kind: str):
    assert [row["text"] for row in rows if re.search(PERSONAL_DATA[kind], row["text"])] == []


@pytest.mark.skipif(not TWEETS.exists(), reason="the data sets are not beside this checkout")
def test_no_message_is_taken_from_the_measuring_set(rows: Rows):
    with TWEETS.open(encoding="utf-8", newline="") as handle:
        theirs = {normalised(row["text"]) for row in csv.DictReader(handle)}

    assert {normalised(row["text"]) for row in rows} & theirs == set()
