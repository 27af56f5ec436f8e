"""What simpler means reach on the same rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from textblob import TextBlob
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from finetune.report.decisions import main_measure
from finetune.report.rows import HALF, Rows, Values
from finetune.samples import Sample
from nlu.base_model import find_base
from nlu.classifier import Classifier
from nlu.heads import SERVED_HEADS, HeadSpec
from nlu.lexicon import NEUTRAL
from nlu.quiet import quiet_loading
from nlu.scoring_model import ScoringModel, load_encoder, pick_device

Represent = Callable[[Sequence[str]], Any]
"""Turns messages into a matrix, one row a message."""

STRENGTHS = (0.01, 0.1, 1.0, 10.0)
"""Of the regularisation; the one that is best on the validation split is taken."""

STEPS = 300


def vader(rows: Rows) -> Values | None:
    """What VADER's compound score decides (Hutto & Gilbert 2014)."""
    analyzer = _vader()
    return _by_sentiment(rows, lambda text: analyzer.polarity_scores(text)["compound"])


def textblob(rows: Rows) -> Values | None:
    """What TextBlob's polarity and subjectivity decide."""
    if rows.head == "subjectivity" and rows.spec == SERVED_HEADS["subjectivity"]:
        found = [TextBlob(text).sentiment.subjectivity for text in rows.texts]
        return np.array([value >= HALF for value in found], dtype=float)
    return _by_sentiment(rows, lambda text: TextBlob(text).sentiment.polarity)


def _by_sentiment(rows: Rows, sentiment: Callable[[str], float]) -> Values | None:
    """By a sentiment of −1…1 what it can decide: valence, polarity, and bad news as a complaint."""
    if rows.head not in {"valence", "polarity", "complaint"}:
        return None
    if rows.spec != SERVED_HEADS[rows.head]:
        return None
    found = np.array([sentiment(text) for text in rows.texts], dtype=float)
    if rows.head == "valence":
        return found
    # 0 negative, 1 neutral, 2 positive, by VADER's own limits for a neutral text.
    polarity = 1 + (found >= NEUTRAL).astype(float) - (found <= -NEUTRAL).astype(float)
    return polarity if rows.head == "polarity" else np.asarray(polarity == 0, dtype=float)


@lru_cache(maxsize=1)
def _vader() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()


@dataclass(frozen=True)
class Linear:
    """Logistic or ridge regression for each head, on fixed features.

    Attributes:
        represent: Gives messages their features.
        models: By head.
    """

    represent: Represent
    models: Mapping[str, Any]

    def decide(self, rows: Rows) -> Values | None:
        """What the regression of the rows' head decides; None where it had nothing to learn."""
        model = self.models.get(rows.head)
        if model is None:
            return None
        return np.asarray(model.predict(self.represent(rows.texts)), dtype=float)

    @classmethod
    def fit(
        cls, represent: Represent, samples: Sequence[Sample], heads: Mapping[str, HeadSpec]
    ) -> "Linear":
        """Learn every head from the training split, its strength chosen on the validation split.

        Args:
            represent: Gives messages their features.
            samples: Of all splits.
            heads: What is to be learnt.
        """
        models = {
            head: _fit_head(represent, samples, head, spec)
            for head, spec in heads.items()
            if len({s.labels[head] for s in samples if s.split == "train" and head in s.labels}) > 1
        }
        return cls(represent, models)


def _fit_head(represent: Represent, samples: Sequence[Sample], head: str, spec: HeadSpec) -> Any:  # noqa: ANN401 - a model of scikit-learn
    learnt, learnt_truth = _labelled(samples, "train", head, spec)
    checked, checked_truth = _labelled(samples, "validation", head, spec)
    features = represent(learnt)
    if len(set(checked_truth)) < 2:  # noqa: PLR2004 - nothing to choose by
        return _regression(spec, 1.0).fit(features, learnt_truth)
    _, measure = main_measure(spec.kind)
    unseen = represent(checked)
    fitted = [_regression(spec, s).fit(features, learnt_truth) for s in STRENGTHS]
    return max(fitted, key=lambda model: measure(checked_truth, model.predict(unseen)))


def _labelled(
    samples: Sequence[Sample], split: str, head: str, spec: HeadSpec
) -> tuple[list[str], Values]:
    rows = [sample for sample in samples if sample.split == split and head in sample.labels]
    truth = np.array([row.labels[head] for row in rows], dtype=float)
    if spec.kind == "probability":
        truth = (truth >= HALF).astype(float)
    return [row.text for row in rows], truth


def _regression(spec: HeadSpec, strength: float) -> Any:  # noqa: ANN401 - a model of scikit-learn
    if spec.kind == "regression":
        return Ridge(alpha=1 / strength)
    return LogisticRegression(C=strength, max_iter=STEPS)


def tf_idf(samples: Sequence[Sample]) -> Represent:
    """Words and pairs of words of the training split, weighed by how rare they are."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    vectorizer.fit([sample.text for sample in samples if sample.split == "train"])
    represent: Represent = vectorizer.transform
    return represent


def frozen(classifier: Classifier, samples: Sequence[Sample]) -> Represent:
    """Sentence vectors of a base without an adapter, each number scaled by its spread."""
    known: dict[str, Values] = {}

    def embed(texts: Sequence[str]) -> Values:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, classifier.embed(new).numpy().astype(float), strict=True))
        return np.array([known[text] for text in texts])

    scaler = make_pipeline(StandardScaler()).fit(embed([s.text for s in samples]))
    return lambda texts: np.asarray(scaler.transform(embed(texts)))


def plain_base(adapted: Classifier, base_model: str, device: str) -> Classifier:
    """The base of an adapter as it was before; its heads know nothing."""
    base = find_base(base_model)
    with quiet_loading():
        encoder = load_encoder(base, "fp32", pick_device(device))
        model = ScoringModel(encoder, adapted.manifest.heads).to(pick_device(device))
    return Classifier(model, base, adapted.manifest)
