"""What simpler means decide, on sentences where it is plain."""

import numpy as np
import pytest

from finetune.report.baselines import Linear, textblob, tf_idf, vader
from finetune.report.rows import Rows
from finetune.samples import Sample, Split
from nlu.heads import SERVED_HEADS, HeadSpec

TEXTS = ("I hate this awful lamp", "The lamp is on the table", "I love this wonderful lamp")


def rows(head: str, spec: HeadSpec | None = None) -> Rows:
    return Rows("shop", head, spec or SERVED_HEADS[head], TEXTS, np.zeros(3))


@pytest.mark.parametrize("decide", [vader, textblob])
def test_word_lists_decide_by_sentiment(decide) -> None:
    assert decide(rows("polarity")).tolist() == [0, 1, 2]
    assert decide(rows("complaint")).tolist() == [1, 0, 0]
    bad, plain, good = decide(rows("valence"))
    assert -1 <= bad < plain == 0 < good <= 1


def test_textblob_tells_opinion_from_fact() -> None:
    assert textblob(rows("subjectivity")).tolist() == [1, 0, 1]
    assert vader(rows("subjectivity")) is None


@pytest.mark.parametrize("decide", [vader, textblob])
def test_they_have_no_say_in_what_they_do_not_know(decide) -> None:
    assert decide(rows("intensity")) is None
    assert decide(rows("stars", HeadSpec(kind="regression"))) is None
    turned = HeadSpec(kind="classes", labels=("positive", "neutral", "negative"))
    assert decide(rows("polarity", turned)) is None


def sample(text: str, split: Split, **labels: float) -> Sample:
    return Sample(text, "shop", text, split, labels)


def learnt() -> list[Sample]:
    things = "lamp", "desk", "tent", "bike"
    bad = [sample(f"the {t} broke", "train", complaint=1, mood=-1) for t in things]
    good = [sample(f"the {t} shines", "train", complaint=0, mood=1) for t in things]
    return [*bad, *good, sample("a broke chair", "validation", complaint=1, mood=-1)]


def test_words_are_learnt_from_the_training_split() -> None:
    heads = {
        "complaint": HeadSpec(kind="probability"),
        "mood": HeadSpec(kind="regression"),
        "unknown": HeadSpec(kind="probability"),
    }
    samples = learnt()
    words = Linear.fit(tf_idf(samples), samples, heads)
    unseen = ("my fan broke", "my fan shines")
    complaint = Rows("shop", "complaint", heads["complaint"], unseen, np.zeros(2))
    assert words.decide(complaint).tolist() == [1, 0]
    mood = words.decide(Rows("shop", "mood", heads["mood"], unseen, np.zeros(2)))
    assert mood[0] < 0 < mood[1]
    assert words.decide(Rows("shop", "unknown", heads["unknown"], unseen, np.zeros(2))) is None


def test_the_strength_is_chosen_on_the_validation_split() -> None:
    """Ridge that is held back says less; the labels of the validation split say which is right."""
    spec = {"mood": HeadSpec(kind="regression")}
    weak = [s for s in learnt() if s.split == "train"]
    extra = [
        sample(f"a {w} chair", "validation", mood=m) for w, m in (("broke", -1), ("shines", 1))
    ]
    words = Linear.fit(tf_idf(weak), [*weak, *extra], spec)
    assert words.models["mood"].alpha in {0.1, 1.0, 10.0, 100.0}
