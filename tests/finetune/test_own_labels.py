"""The project's own labels: each row once, known words only, and no message beside them."""

import csv
from pathlib import Path

import pytest

from amends.settings import Settings
from finetune.complaint_labels import NO_SHOPS, OWN_LABELS, own_labelled
from nlu.assessment import OTHER
from nlu.category_file import read_categories
from nlu.heads import SERVED_HEADS

FOLDER = OWN_LABELS.parent
WORDS = {
    "polarity": {*SERVED_HEADS["polarity"].labels, ""},
    "intensity": {*SERVED_HEADS["intensity"].labels, ""},
    "escalate": {"yes", "no", ""},
    "category": {*read_categories(Settings().categories_file).categories, OTHER, ""},
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.csv")), ids=lambda path: path.stem)
def test_each_row_once_known_words_only_and_no_message(path: Path) -> None:
    found = rows(path)
    assert len({row["id"] for row in found}) == len(found) > 1000
    assert found[0].keys() - {"id"} <= WORDS.keys()
    for name in found[0].keys() - {"id"}:
        assert {row[name] for row in found} <= WORDS[name], name


def test_messages_to_shops_get_their_labels(tmp_path: Path) -> None:
    labels = rows(OWN_LABELS)
    known = {row["id"]: row for row in labels[:3]}
    domains = ["retail", min(NO_SHOPS), "food"]
    tweets = [
        [key, f"message {key}", domain] for key, domain in zip(known, domains, strict=True)
    ] + [["1", "labelled by nobody", "retail"]]
    with (tmp_path / "complaint_tweets.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "text", "domain"], *tweets])
    first, _, third = known
    found = own_labelled(tmp_path)
    assert [(row.id, row.text) for row in found] == [
        (key, f"message {key}") for key in (first, third)
    ]
    assert [row.category for row in found] == [known[row.id]["category"] or None for row in found]
