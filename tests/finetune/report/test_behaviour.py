"""Checks of behaviour, with scorers whose behaviour is known."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from finetune.report.behaviour import Check, behaviour, sentences
from nlu.heads import SERVED_HEADS, HeadSpec

Score = Callable[[str], float]


class Scorer:
    """Stands where `Scored` does; all heads follow one number, −1 (bad) to 1 (good)."""

    def __init__(self, score: Score, heads=SERVED_HEADS, severity: float = 0.5) -> None:
        thresholds = SimpleNamespace(severity=severity)
        self.classifier = SimpleNamespace(
            manifest=SimpleNamespace(heads=heads, thresholds=thresholds)
        )
        self.score = score

    def add(self, texts) -> None:
        pass

    def of(self, texts, head, *, calibrated=True):
        values = np.array([self.score(text) for text in texts])
        if head == "polarity":
            return np.stack([values < 0, values == 0, values > 0], axis=1).astype(float)
        return values[:, None] if head == "valence" else (values[:, None] < 0).astype(float)


def checks(score: Score, **options) -> dict[str, Check]:
    return {check.name: check for check in behaviour(Scorer(score, **options))}  # type: ignore[arg-type]


def test_who_hears_only_negation_passes_everything() -> None:
    own = sentences()
    bad = {p.without if p.better == "with" else p.with_ for p in own.negations}
    found = checks(lambda text: -1.0 if text in bad else 1.0)
    assert {check.figure.value for check in found.values()} == {1.0}
    assert {check.failed for check in found.values()} == {()}
    assert found["a negation removed: polarity changed"].mean_shift == 2.0
    assert found["another name: polarity kept"].worst_shift == 0.0


def test_who_hears_nothing_misses_every_negation() -> None:
    missed = checks(lambda _: 1.0)["a negation removed: polarity changed"]
    assert missed.figure.value == 0.0
    assert len(missed.failed) == 5


def test_a_change_to_the_wrong_side_does_not_count() -> None:
    own = sentences()
    good = {p.without if p.better == "with" else p.with_ for p in own.negations}
    found = checks(lambda text: 1.0 if text in good else -1.0)
    assert found["a negation removed: polarity changed"].figure.value == 0.0
    assert found["a negation removed: polarity changed"].worst_shift == -2.0


def test_who_flips_at_a_name_is_caught_with_the_share_and_the_sentences() -> None:
    own = sentences()
    found = checks(lambda text: -1.0 if own.names[1] in text else 1.0)
    check = found["another name: polarity kept"]
    # One of the other names flips every message that holds a name.
    assert check.figure.value == pytest.approx(1 - 1 / (len(own.names) - 1))
    assert check.worst_shift == 1.0
    assert all(own.names[0] in before and own.names[1] in after for before, after in check.failed)
    assert found["another product: polarity kept"].figure.value == 1.0


def test_who_flips_at_a_product_is_caught() -> None:
    own = sentences()
    found = checks(lambda text: -1.0 if own.products[1] in text else 1.0)
    check = found["another product: complaint kept"]
    assert check.figure.value == pytest.approx(1 - 1 / (len(own.products) - 1))
    assert check.figure.rows == len(own.messages) * (len(own.products) - 1)


def test_who_needs_a_word_to_the_letter_is_caught_by_typos() -> None:
    plain = {m.format(name=sentences().names[0], product=sentences().products[0])
             for m in sentences().messages}  # fmt: skip
    found = checks(lambda text: 1.0 if text in plain else -1.0)
    assert found["a typo: polarity kept"].figure.value < 0.05


def test_heads_with_other_names_are_checked_for_what_must_stay() -> None:
    heads = {"mood": HeadSpec(kind="probability"), "stars": HeadSpec(kind="regression")}
    found = checks(lambda _: 1.0, heads=heads)
    assert list(found) == ["another name: mood kept", "another product: mood kept",
                           "a typo: mood kept"]  # fmt: skip


def test_sentences_are_many_and_all_their_own() -> None:
    own = sentences()
    assert len(own.messages) >= 40
    assert len(set(own.messages)) == len(own.messages)
    assert len(own.negations) >= 20
    assert all("{product}" in message for message in own.messages)
    assert sum("{name}" in message for message in own.messages) >= 20
