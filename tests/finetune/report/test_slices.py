"""Which message belongs to which slice."""

import numpy as np
import pytest

from finetune.report.rows import Rows
from finetune.report.slices import CUES, TYPO_ROWS, mistyped, sliced
from nlu.heads import HeadSpec

LONG = "I would like to know " + "very " * 25 + "much"


def rows(*texts: str) -> Rows:
    truth = np.arange(len(texts), dtype=float) % 2
    return Rows("shop", "complaint", HeadSpec(kind="probability"), texts, truth)


@pytest.mark.parametrize(
    ("cue", "inside", "outside"),
    [
        ("negation", "the lamp doesn't work at all, hm", "the note came with a knot"),
        ("negation", "I never got my order, so sad", "only praise"),
        ("sarcasm", "Yeah right, it will surely come tomorrow", "That is right, it came today"),
        ("sarcasm", "oh great, it broke", "a great lamp"),
        ("sarcasm", "I love how you ignore me", "I love you all"),
        ("sarcasm", "what a shop /s", "on/off switch"),
        ("capitals", "WHERE DID my order go", "where is my TV"),
        ("emoji", "so sad 😢", "so sad"),
        ("emoji", "so sad :(", "at 10:00 (noon)"),
        ("short", "where is my order?", "where is my order, dear shop?"),
        ("long", LONG, "not long"),
    ],
)
def test_cues(cue: str, inside: str, outside: str) -> None:
    assert CUES[cue](inside)
    assert not CUES[cue](outside)


def test_slices_keep_their_labels_and_leave_out_what_is_empty() -> None:
    found = dict(sliced(rows("it came", "it did not come", "NOT AGAIN please, I beg"), {}))
    assert list(found) == ["negation", "capitals", "short", "typos"]
    assert found["negation"].texts == ("it did not come", "NOT AGAIN please, I beg")
    assert found["negation"].truth.tolist() == [1, 0]


def test_domains_are_slices() -> None:
    known = {"first message here": "food", "third message here": "cars"}
    texts = "first message here", "second message here", "third message here"
    found = dict(sliced(rows(*texts), known))
    assert found["domain: food"].texts == ("first message here",)
    assert found["domain: cars"].truth.tolist() == [0]


def test_typos_are_put_in_the_same_way_each_time_and_labels_stay() -> None:
    plain = rows("the delivery is very late again", "thank you for the wonderful kettle")
    first, second = mistyped(plain), mistyped(plain)
    assert first.texts == second.texts
    assert all(new != old for new, old in zip(first.texts, plain.texts, strict=True))
    assert first.truth.tolist() == plain.truth.tolist()


def test_many_rows_are_sampled_for_typos() -> None:
    many = rows(*(f"message number {n} about delivery" for n in range(TYPO_ROWS + 50)))
    assert len(mistyped(many).texts) == len(mistyped(many).truth) == TYPO_ROWS
