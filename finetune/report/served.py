"""Measures the assistant as it serves, on the report half of the complaint labels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from finetune.complaint_labels import LabelledComplaint
from finetune.measures import (
    Figure,
    Measure,
    accuracy,
    average_precision,
    figure,
    precision,
    recall,
)
from finetune.report.decisions import Figures
from finetune.report.rows import Rows, Values
from nlu.assessment import OTHER, Assessment, Polarity, Unreadable
from nlu.heads import SERVED_HEADS
from tickets.triage import Decision, by_words, triage

SOURCE = "complaint_labels"
LEVELS = {head: SERVED_HEADS[head].labels for head in ("polarity", "intensity")}


@dataclass(frozen=True)
class Escalation:
    """Who should go to a person, and how strongly the assistant means so.

    Attributes:
        truth: Whether the labellers called a person, (rows,).
        severity: From which a threshold decides, (rows,): 1 where a phrase decides, 0 where the
            message does not feel negative.
        found: Whether the assistant calls a person, (rows,).
    """

    truth: Values
    severity: Values
    found: Values


@dataclass(frozen=True)
class Categories:
    """The category of messages: what the labellers named and what the assistant found."""

    truth: tuple[str, ...]
    found: tuple[str, ...]

    def named(self) -> "Categories":
        """Those that are about something."""
        pairs = [pair for pair in zip(self.truth, self.found, strict=True) if pair[0] != OTHER]
        return Categories(tuple(t for t, _ in pairs), tuple(f for _, f in pairs))

    def figure(self) -> Figure:
        """Share that was found."""
        hits = [float(t == f) for t, f in zip(self.truth, self.found, strict=True)]
        return figure(accuracy, [1.0] * len(hits), hits)


@dataclass(frozen=True)
class Served:
    """What the assistant says of labelled complaints.

    Attributes:
        escalation: Who goes to a person.
        categories: What they are about.
        rows: The same messages with their labels of the heads that are read one by one.
        called: The same for the head that says who should go to a person, which has a threshold of
            its own.
    """

    escalation: Escalation
    categories: Categories
    rows: tuple[Rows, ...]
    called: Rows

    def figures(self) -> Figures:
        """Every measure of who goes to a person and of the category."""
        return {
            **self.escalation_figures(),
            "category accuracy, without other": self.categories.named().figure(),
            "category accuracy, with other": self.categories.figure(),
        }

    def escalation_figures(self) -> Figures:
        """Every measure of who goes to a person."""
        called = self.escalation
        return {
            "escalate recall": _figure(recall, called.truth, called.found),
            "escalate precision": _figure(precision, called.truth, called.found),
            "escalate average precision": _figure(average_precision, called.truth, called.severity),
        }


Assess = Callable[[Sequence[str]], Sequence[Assessment | Unreadable]]
Pair = tuple[LabelledComplaint, Assessment | Unreadable]


def served(assess: Assess, report: Sequence[LabelledComplaint]) -> Served:
    """Assess labelled complaints.

    Args:
        assess: Assesses messages as the assistant does.
        report: Complaints on which nothing was chosen.
    """
    pairs = list(zip(report, assess([row.text for row in report]), strict=True))
    return Served(
        escalation=_escalation([pair for pair in pairs if pair[0].escalate is not None]),
        categories=_categories([pair for pair in pairs if pair[0].category]),
        rows=tuple(_rows(head, report) for head in LEVELS),
        called=_called(report),
    )


def _escalation(pairs: Sequence[Pair]) -> Escalation:
    found = [triage(one, intent=None).decision is Decision.ESCALATE for _, one in pairs]
    return Escalation(
        truth=np.array([bool(row.escalate) for row, _ in pairs], dtype=float),
        severity=np.array([_severity(one) for _, one in pairs], dtype=float),
        found=np.array(found, dtype=float),
    )


def _severity(found: Assessment | Unreadable) -> float:
    if by_words(found.text, None) is not None:
        return 1.0
    if isinstance(found, Unreadable) or found.polarity is not Polarity.NEGATIVE:
        return 0.0
    return found.severity


def _categories(pairs: Sequence[Pair]) -> Categories:
    found = [one.category if isinstance(one, Assessment) else OTHER for _, one in pairs]
    return Categories(tuple(row.category or OTHER for row, _ in pairs), tuple(found))


def _rows(head: str, report: Sequence[LabelledComplaint]) -> Rows:
    names = [row.polarity if head == "polarity" else row.intensity for row in report]
    known = [(row.text, name) for row, name in zip(report, names, strict=True) if name]
    truth = [float(LEVELS[head].index(name)) for _, name in known]
    texts = tuple(text for text, _ in known)
    return Rows(SOURCE, head, SERVED_HEADS[head], texts, np.array(truth, dtype=float))


def _called(report: Sequence[LabelledComplaint]) -> Rows:
    known = [(row.text, float(row.escalate)) for row in report if row.escalate is not None]
    truth = np.array([label for _, label in known], dtype=float)
    texts = tuple(text for text, _ in known)
    return Rows(SOURCE, "escalate", SERVED_HEADS["escalate"], texts, truth)


def _figure(measure: Measure, truth: Values, found: Values) -> Figure:
    return figure(measure, list(truth), list(found))
