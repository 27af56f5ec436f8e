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
LEAST_ROWS = 2000
SAME_WORDS = 0.7
BOUNDS = {
    "polarity": {"negative": (0.50, 0.70), "neutral": (0.18, 0.35), "positive": (0.08, 0.20)},
    "intensity": {
        "weak": (0.35, 0.48),
        "medium": (0.28, 0.40),
        "strong": (0.15, 0.25),
        "extreme": (0.04, 0.09),
    },
    "complaint": {"0": (0.33, 0.50), "1": (0.50, 0.67)},
    "subjective": {"0": (0.33, 0.50), "1": (0.50, 0.67)},
    "escalate": {"0": (0.68, 0.80), "1": (0.20, 0.32)},
}
OF_COMPLAINTS = {
    "weak": (0.14, 0.26),
    "medium": (0.38, 0.52),
    "strong": (0.20, 0.30),
    "extreme": (0.06, 0.14),
}
CALM_BUT_URGENT = (0.01, 0.06)
"""Share of messages that are escalated for safety, fraud, law or failed attempts alone."""

PERSONAL_DATA = {
    "e-mail": r"[\w.+-]+@[\w-]+\.\w+",
    "phone": r"\+?\d(?:[ ()./-]*\d){6,}",
    "card": r"(?:\d[ -]*){13,16}",
}

STRONG = ("strong", "extreme")
LEAST_ALIKE = 30

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def rows() -> Rows:
    with FILE.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, strict=True))


def normalised(text: str) -> str:
    return " ".join(re.findall(r"\w+", re.sub(r"@\w+", " ", text.casefold())))


def test_header() -> None:
    with FILE.open(encoding="utf-8") as handle:
        assert handle.readline() == "text,polarity,intensity,complaint,subjective,escalate\n"


def test_rows_are_enough_and_complete(rows: Rows) -> None:
    assert len(rows) >= LEAST_ROWS
    assert [row for row in rows if None in row or not all(row.values())] == []


@pytest.mark.parametrize("column", BOUNDS)
def test_labels_are_known(rows: Rows, column: str) -> None:
    assert {row[column] for row in rows} == set(BOUNDS[column])


@pytest.mark.parametrize(
    ("column", "label"), [(column, label) for column in BOUNDS for label in BOUNDS[column]]
)
def test_share_of_each_label(rows: Rows, column: str, label: str) -> None:
    share = Counter(row[column] for row in rows)[label] / len(rows)
    least, most = BOUNDS[column][label]

    assert least <= share <= most


@pytest.mark.parametrize("intensity", OF_COMPLAINTS)
def test_most_complaints_are_medium(rows: Rows, intensity: str) -> None:
    complaints = [row["intensity"] for row in rows if row["complaint"] == "1"]
    least, most = OF_COMPLAINTS[intensity]

    assert least <= complaints.count(intensity) / len(complaints) <= most


def test_what_is_negative_and_strong_is_escalated(rows: Rows) -> None:
    upset = [r for r in rows if r["polarity"] == "negative" and r["intensity"] in STRONG]

    assert [row["text"] for row in upset if row["escalate"] == "0"] == []


def test_only_what_is_negative_is_escalated(rows: Rows) -> None:
    content = [row for row in rows if row["polarity"] != "negative"]

    assert [row["text"] for row in content if row["escalate"] == "1"] == []


def test_some_calm_messages_are_escalated(rows: Rows) -> None:
    calm = [row for row in rows if row["intensity"] not in STRONG and row["escalate"] == "1"]
    least, most = CALM_BUT_URGENT

    assert least <= len(calm) / len(rows) <= most


@pytest.mark.parametrize("subjective", ["0", "1"])
@pytest.mark.parametrize("polarity", ["negative", "neutral"])
def test_facts_and_feelings_are_told_of_alike(rows: Rows, polarity: str, subjective: str) -> None:
    alike = [row["subjective"] for row in rows if row["polarity"] == polarity]

    assert alike.count(subjective) >= LEAST_ALIKE


def test_neutral_is_never_strong_nor_a_complaint(rows: Rows) -> None:
    neutral = [row for row in rows if row["polarity"] == "neutral"]

    assert {row["intensity"] for row in neutral} <= {"weak", "medium"}
    assert {row["complaint"] for row in neutral} == {"0"}


def test_no_message_occurs_twice(rows: Rows) -> None:
    counts = Counter(normalised(row["text"]) for row in rows)

    assert [text for text, count in counts.items() if count > 1] == []


def test_no_two_messages_share_most_words(rows: Rows) -> None:
    words = [set(normalised(row["text"]).split()) for row in rows]
    alike = [(a, b) for a, b in combinations(words, 2) if len(a & b) > SAME_WORDS * len(a | b)]

    assert alike == []


@pytest.mark.parametrize("kind", PERSONAL_DATA)
def test_messages_hold_no_personal_data(rows: Rows, kind: str) -> None:
    assert [row["text"] for row in rows if re.search(PERSONAL_DATA[kind], row["text"])] == []


@pytest.mark.skipif(not TWEETS.exists(), reason="the data sets are not beside this checkout")
def test_no_message_is_taken_from_the_measuring_set(rows: Rows) -> None:
    with TWEETS.open(encoding="utf-8", newline="") as handle:
        theirs = {normalised(row["text"]) for row in csv.DictReader(handle)}

    assert {normalised(row["text"]) for row in rows} & theirs == set()
