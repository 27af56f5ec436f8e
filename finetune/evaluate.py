"""Measures an adapter on rows that it was neither trained nor tuned on."""

from collections.abc import Sequence
from pathlib import Path

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from finetune.measures import (
    Figure,
    Measure,
    accuracy,
    figure,
    macro_f1,
    pearson,
    precision,
    recall,
)
from finetune.samples import LabelledComplaint, Sample, all_samples, labelled_complaints
from nlu.assessment import OTHER, Assessment, Unreadable
from nlu.assessor import Assessor
from nlu.classifier import Classifier
from tickets.triage import Decision, triage

Figures = dict[str, Figure]


def evaluate(data: Path, assessor: Assessor) -> Figures:
    """Measure on the test splits and on the report half of the complaint labels.

    Args:
        data: Folder with the label files.
        assessor: The adapter to measure, with its categories and thresholds.

    Returns:
        Figures by name, in the order in which they are read.
    """
    classifier = assessor.classifier
    tests = [sample for sample in all_samples(data) if sample.split == "test"]
    report = [row for row in labelled_complaints(data) if row.half == "report"]
    return {
        **_valence(classifier, [row for row in tests if row.source == "valence_amazon"]),
        **_complaint(classifier, [row for row in tests if row.source == "complaint_tweets"]),
        **_labels(assessor, report),
    }


def _valence(classifier: Classifier, rows: Sequence[Sample]) -> Figures:
    texts, truth = [row.text for row in rows], [row.valence for row in rows]
    found = [scores.valence for scores in classifier.score(texts)]
    vader = SentimentIntensityAnalyzer()
    baseline = [float(vader.polarity_scores(text)["compound"]) for text in texts]
    return {
        "valence_amazon Pearson r": figure(pearson, truth, found),
        "valence_amazon Pearson r, VADER": figure(pearson, truth, baseline),
    }


def _complaint(classifier: Classifier, rows: Sequence[Sample]) -> Figures:
    found = [float(score.complaint >= 0.5) for score in classifier.score([r.text for r in rows])]  # noqa: PLR2004
    truth = [row.complaint for row in rows]
    return {"complaint_tweets macro-F1": figure(macro_f1, truth, found)}


def _labels(assessor: Assessor, rows: Sequence[LabelledComplaint]) -> Figures:
    pairs = list(zip(rows, assessor.assess([row.text for row in rows]), strict=True))
    urgent = [(row.escalate, _escalates(found)) for row, found in pairs if row.escalate is not None]
    named = [(row.category, _category(found)) for row, found in pairs if row.category]
    scored = [(row, found) for row, found in pairs if isinstance(found, Assessment)]
    return {
        "escalate recall": _agreement(recall, urgent),
        "escalate precision": _agreement(precision, urgent),
        "category accuracy, without other": _equal([pair for pair in named if pair[0] != OTHER]),
        "category accuracy, with other": _equal(named),
        "polarity accuracy": _equal([(r.polarity, f.polarity) for r, f in scored if r.polarity]),
        "intensity accuracy": _equal(
            [(r.intensity, f.intensity) for r, f in scored if r.intensity]
        ),
    }


def _agreement(measure: Measure, pairs: Sequence[tuple[bool, bool]]) -> Figure:
    return figure(measure, [right for right, _ in pairs], [found for _, found in pairs])


def _equal(pairs: Sequence[tuple[str | None, str]]) -> Figure:
    return figure(accuracy, [1.0] * len(pairs), [float(right == found) for right, found in pairs])


def _escalates(found: Assessment | Unreadable) -> bool:
    return triage(found, intent=None).decision is Decision.ESCALATE


def _category(found: Assessment | Unreadable) -> str:
    return found.category if isinstance(found, Assessment) else OTHER
