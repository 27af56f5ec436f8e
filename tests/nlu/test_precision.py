"""The shipped adapter says the same on a base in 8 bits and on one in full precision."""

from collections.abc import Sequence

import numpy as np
import pytest

from amends.settings import ROOT, SHIPPED_ADAPTER, load_settings
from finetune.config import load_config
from finetune.sources import read_source
from nlu.classifier import Classifier, Scores


def own_messages() -> list[str]:
    """Every eighth of the project's own messages."""
    config = load_config()
    source = next(one for one in config.sources if one.name == "own_messages")
    return [sample.text for sample in read_source(source, ROOT, config.specs)][::8]


TEXTS = own_messages()


@pytest.fixture(scope="module")
def scores(classifier: Classifier) -> tuple[list[Scores], list[Scores]]:
    settings = load_settings()
    full = Classifier.load(SHIPPED_ADAPTER, settings.base_model, "fp32", "cpu")
    return classifier.score(TEXTS), full.score(TEXTS)


def share_equal(left: Sequence[object], right: Sequence[object]) -> float:
    return float(np.mean([a == b for a, b in zip(left, right, strict=True)]))


def test_labels_agree(scores: tuple[list[Scores], list[Scores]]) -> None:
    int8, fp32 = scores
    assert share_equal([s.polarity for s in int8], [s.polarity for s in fp32]) >= 0.97
    assert share_equal([s.intensity for s in int8], [s.intensity for s in fp32]) >= 0.97


@pytest.mark.parametrize("name", ["valence", "complaint", "severity"])
def test_scores_agree(scores: tuple[list[Scores], list[Scores]], name: str) -> None:
    int8, fp32 = (np.array([getattr(score, name) for score in side]) for side in scores)
    assert np.abs(int8 - fp32).mean() < 0.02
    assert np.corrcoef(int8, fp32)[0, 1] > 0.995
