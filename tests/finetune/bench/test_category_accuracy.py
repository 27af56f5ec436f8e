"""Category accuracy on messages whose limits were chosen on others."""

from collections.abc import Sequence

import pytest

from finetune.bench.categories import CategoryRow, category_accuracy_cv
from finetune.complaint_labels import LabelledComplaint
from nlu.assessment import OTHER
from nlu.categories import Similarities


class Told:
    """Finds what the text says: "category similarity other", so that the right answer is known."""

    def similarities(self, texts: Sequence[str]) -> list[Similarities]:
        return [self._read(*text.split()) for text in texts]

    @staticmethod
    def _read(category: str, similarity: str, other: str) -> Similarities:
        return Similarities({"a": -1.0, "b": -1.0} | {category: float(similarity)}, float(other))


def row(text: str, category: str | None) -> LabelledComplaint:
    return LabelledComplaint(text, text, "tune", category, None, None, None)


SURE = [row("a 0.5 0.0", "a")] * 12 + [row("b 0.5 0.0", "b")] * 6 + [row("a 0.1 0.4", OTHER)] * 6


def test_what_is_told_apart_in_the_folds_is_told_apart_in_the_held_one() -> None:
    found = category_accuracy_cv(SURE, Told(), folds=4, seed=0)  # type: ignore[arg-type]
    assert (found.named.value, found.named.rows) == (1.0, 18)
    assert (found.overall.value, found.overall.rows) == (1.0, 24)


def test_the_table_counts_what_was_found_for_what() -> None:
    rows = [*SURE, row("b 0.5 0.0", "a"), row("a 0.5 0.0", None)]
    found = category_accuracy_cv(rows, Told(), folds=4, seed=0)  # type: ignore[arg-type]
    assert found.table == [
        CategoryRow("a", rows=13, found=12, right=12),
        CategoryRow("b", rows=6, found=7, right=6),
        CategoryRow(OTHER, rows=6, found=6, right=6),
    ]
    assert found.named.value == pytest.approx(18 / 19)


def test_a_held_out_row_does_not_choose_its_own_limits() -> None:
    """The only weak message of a category: with it the limits would be lower and keep it."""
    rows = [row("a 0.5 0.0", "a")] * 9 + [row("a 0.3 0.0", OTHER)] * 9 + [row("b 0.2 0.0", "b")]
    found = category_accuracy_cv(rows, Told(), folds=len(rows), seed=0)  # type: ignore[arg-type]
    assert found.named.value == pytest.approx(9 / 10)


def test_the_same_seed_gives_the_same_folds() -> None:
    rows = [row(f"a {0.03 * n:.2f} 0.3", "a" if n % 3 else OTHER) for n in range(30)]
    runs = [category_accuracy_cv(rows, Told(), seed=seed) for seed in (1, 1)]  # type: ignore[arg-type]
    assert runs[0] == runs[1]
