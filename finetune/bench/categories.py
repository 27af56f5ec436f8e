"""How often the right category is found, its limits chosen on other rows."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from finetune.complaint_labels import LabelledComplaint
from finetune.measures import Figure, accuracy, figure
from finetune.thresholds import choose_category_limits
from nlu.assessment import OTHER
from nlu.categories import CategoryFinder, Similarities, decide


@dataclass(frozen=True)
class CategoryRow:
    """One category, and how it is found.

    Attributes:
        category: Its name, or `other`.
        rows: How many messages are about it.
        found: How many of all messages are said to be about it.
        right: How many of them rightly.
    """

    category: str
    rows: int
    found: int
    right: int


@dataclass(frozen=True)
class CategoryFigures:
    """Category accuracy over all labelled rows.

    Attributes:
        named: Of the messages that are about a category; one that falls to `other` is wrong.
        overall: Of all messages.
        table: Each category, the most frequent first.
    """

    named: Figure
    overall: Figure
    table: list[CategoryRow]


def category_accuracy_cv(
    rows: Sequence[LabelledComplaint], finder: CategoryFinder, folds: int = 5, seed: int = 0
) -> CategoryFigures:
    """Find every row's category with the limits that the other folds choose.

    Nothing else is learnt from the labels.

    Args:
        rows: Complaint labels; those without a category are left out.
        finder: The categories and their examples.
        folds: How many parts, each once held out.
        seed: Of the parts.
    """
    known = [row for row in rows if row.category is not None]
    truth = [row.category or OTHER for row in known]
    found = _held_out(finder.similarities([row.text for row in known]), truth, folds, seed)
    pairs = list(zip(truth, found, strict=True))
    return CategoryFigures(
        named=_accuracy([pair for pair in pairs if pair[0] != OTHER]),
        overall=_accuracy(pairs),
        table=_table(pairs),
    )


def _held_out(
    similarities: Sequence[Similarities], truth: Sequence[str], folds: int, seed: int
) -> list[str]:
    places = list(range(len(truth)))
    random.Random(seed).shuffle(places)  # noqa: S311 - no secret
    found = [OTHER] * len(truth)
    for fold in range(folds):
        held = set(places[fold::folds])
        rest = [place for place in places if place not in held]
        limits = choose_category_limits(
            [similarities[place] for place in rest], [truth[place] for place in rest], "held out"
        )
        for place in held:
            found[place] = decide(similarities[place], limits).category
    return found


def _accuracy(pairs: Sequence[tuple[str, str]]) -> Figure:
    return figure(accuracy, [1.0] * len(pairs), [float(right == got) for right, got in pairs])


def _table(pairs: Sequence[tuple[str, str]]) -> list[CategoryRow]:
    truth, found = [right for right, _ in pairs], [got for _, got in pairs]
    rows = [
        CategoryRow(name, truth.count(name), found.count(name), pairs.count((name, name)))
        for name in {*truth, *found}
    ]
    return sorted(rows, key=lambda row: (-row.rows, row.category))
