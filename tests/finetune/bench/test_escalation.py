"""Escalation, cross-validated: thresholds come from other rows than those that they decide."""

from dataclasses import dataclass

import pytest

from finetune.bench.escalation import cross_validated_escalation
from finetune.complaint_labels import LabelledComplaint
from nlu.assessment import Polarity


@dataclass
class Score:
    severity: float
    polarity: Polarity = Polarity.NEGATIVE


@dataclass
class Fake:
    """Scores by a table, as the classifier's `score` does by its weights."""

    table: dict[str, Score]

    def score(self, texts: list[str]) -> list[Score]:
        return [self.table[text] for text in texts]


def row(text: str, escalate: bool | None) -> LabelledComplaint:
    return LabelledComplaint(text, text, "tune", None, None, None, escalate)


@pytest.fixture
def rows() -> list[LabelledComplaint]:
    return [row(f"parcel {n}", n % 4 == 0) for n in range(80)]


def test_a_perfect_score_finds_all(rows: list[LabelledComplaint]) -> None:
    table = {r.text: Score(0.9 if r.escalate else 0.1) for r in rows}
    found = cross_validated_escalation(Fake(table), rows)  # type: ignore[arg-type]
    assert found["escalate recall"].value == 1.0
    assert found["escalate precision"].value == 1.0
    assert found["escalate recall"].rows == 80


def test_what_is_not_negative_is_not_escalated(rows: list[LabelledComplaint]) -> None:
    table = {
        r.text: Score(0.9 if r.escalate else 0.1, Polarity.POSITIVE if r.escalate else "negative")  # type: ignore[arg-type]
        for r in rows
    }
    found = cross_validated_escalation(Fake(table), rows)  # type: ignore[arg-type]
    assert found["escalate recall"].value < 0.5 or found["escalate precision"].value < 0.5


def test_words_of_danger_need_no_score(rows: list[LabelledComplaint]) -> None:
    danger = row("the charger caught fire in my hand", True)
    table = {r.text: Score(0.9 if r.escalate else 0.1) for r in rows} | {danger.text: Score(0.0)}
    found = cross_validated_escalation(Fake(table), [*rows, danger])  # type: ignore[arg-type]
    assert found["escalate recall"].value == 1.0


def test_rows_that_were_not_agreed_upon_are_left_out(rows: list[LabelledComplaint]) -> None:
    table = {r.text: Score(0.9 if r.escalate else 0.1) for r in rows}
    found = cross_validated_escalation(Fake(table), [*rows, row("nobody knows", None)])  # type: ignore[arg-type]
    assert found["escalate recall"].rows == 80


def test_other_rows_help_to_choose_and_are_not_counted(rows: list[LabelledComplaint]) -> None:
    """By themselves all that is severe is urgent; others as severe are not, nor others yet more."""
    table = {r.text: Score(0.5 if r.escalate else 0.1) for r in rows}
    mild = [row(f"rather late {n}", False) for n in range(40)]
    urgent = [row(f"never came {n}", True) for n in range(40)]
    table |= {r.text: Score(0.6) for r in mild} | {r.text: Score(0.7) for r in urgent}
    alone = cross_validated_escalation(Fake(table), rows)  # type: ignore[arg-type]
    beside = cross_validated_escalation(Fake(table), rows, [*mild, *urgent])  # type: ignore[arg-type]
    assert alone["escalate recall"].value == 1.0
    assert beside["escalate recall"].value == 0.0
    assert beside["escalate recall"].rows == 80
