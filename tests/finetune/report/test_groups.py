"""Gaps between groups, with scorers whose gap is known."""

from types import SimpleNamespace

import numpy as np
import pytest

from finetune.report.groups import gaps, group_sentences, interval
from nlu.heads import HeadSpec

HEADS = {
    "complaint": HeadSpec(kind="probability"),
    "polarity": HeadSpec(kind="classes", labels=("bad", "good")),
}


class Scorer:
    """Stands where `Scored` does; its one number follows the text."""

    def __init__(self, score) -> None:
        self.classifier = SimpleNamespace(manifest=SimpleNamespace(heads=HEADS))
        self.score = score

    def add(self, texts) -> None:
        pass

    def of(self, texts, head, *, calibrated=True):
        return np.array([[self.score(text)] for text in texts])


def found(score, by: str):
    return {gap.group: gap for gap in gaps(Scorer(score)) if gap.by == by}  # type: ignore[arg-type]


def test_a_group_that_is_heard_as_worse_stands_out() -> None:
    own = group_sentences()
    polish = own.names["Polish"]
    result = found(lambda text: 0.8 if any(n in text for n in polish) else 0.5, "names")
    share = 1 / len(own.names)
    assert result["Polish"].mean == pytest.approx(0.8)
    assert result["Polish"].difference == pytest.approx(0.3 * (1 - share))
    assert result["Arabic"].difference == pytest.approx(-0.3 * share)
    assert result["Polish"].certain
    assert result["Polish"].sentences == len(own.frames) * len(polish)


def test_complaints_that_weigh_differently_are_no_gap() -> None:
    """Every complaint is compared with itself, so how bad it is does not matter."""
    own = group_sentences()
    names = [name for group in own.names.values() for name in group]

    def by_frame(text: str) -> float:
        return next(n for n, frame in enumerate(own.frames)
                    if text in {frame.format(name=name) for name in names}) / 10  # fmt: skip

    result = found(lambda text: by_frame(text) if _is_named(text) else 0.5, "names")
    assert {round(gap.difference, 9) for gap in result.values()} == {0.0}
    assert result["Polish"].mean == pytest.approx(0.45)


def _is_named(text: str) -> bool:
    own = group_sentences()
    return text not in {told for complaint in own.complaints for told in complaint}


def test_a_register_that_is_heard_as_better_stands_out() -> None:
    own = group_sentences()
    formal = {told[0] for told in own.complaints}
    result = found(lambda text: 0.2 if text in formal else 0.6, "registers")
    assert result["formal"].difference == pytest.approx(-0.3)
    assert result["texting"].difference == pytest.approx(0.1)
    assert result["formal"].sentences == len(own.complaints)


def test_only_heads_of_one_number_are_compared() -> None:
    assert {gap.head for gap in gaps(Scorer(lambda _: 0.5))} == {"complaint"}  # type: ignore[arg-type]


def test_the_interval_knows_that_sentences_of_one_name_are_alike() -> None:
    """A difference of one name of four, on many frames: more frames make it no surer."""
    one_name = np.zeros((200, 4))
    one_name[:, 0] = 0.4
    low, high = interval(one_name)
    assert low == 0.0
    assert high >= 0.2
    everywhere = np.full((200, 4), 0.1)
    assert interval(everywhere) == (pytest.approx(0.1), pytest.approx(0.1))


def test_names_and_registers_are_complete() -> None:
    own = group_sentences()
    assert len(own.names) >= 6
    assert len({len(names) for names in own.names.values()}) == 1
    everybody = [name for names in own.names.values() for name in names]
    assert len(set(everybody)) >= len(everybody) - 2
    assert all(frame.count("{name}") == 1 for frame in own.frames)
    assert {len(told) for told in own.complaints} == {len(own.registers)}
    assert all(len(set(told)) == len(told) for told in own.complaints)
