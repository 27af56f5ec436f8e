import numpy as np
import pytest

from assistant.components.letter_groups import BUCKETS, MAX_CHARS, LetterGroups

TEXTS = ["where is my order", "cancel my order", "i want a refund", "my refund please"]


@pytest.fixture
def groups():
    return LetterGroups.fit(TEXTS)


def test_every_row_has_length_one_and_stands_for_its_own_text(groups):
    rows = groups.of(TEXTS)
    assert rows.shape == (len(TEXTS), BUCKETS)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1)
    alone = np.concatenate([groups.of([text]) for text in TEXTS])
    assert (rows == alone).all()


def test_a_typo_keeps_most_of_a_word(groups):
    right, typo, other = groups.of(["refund", "refumd", "cancel"])
    assert right @ typo > 0.2 > right @ other


def test_rare_groups_weigh_more_than_common_ones(groups):
    both, common, rare = groups.of(["my want", "my", "want"])
    assert both @ rare > both @ common


def test_a_text_without_words_is_all_zeros(groups):
    assert not groups.of([""]).any()


def test_a_huge_text_is_read_up_to_the_limit(groups):
    long = "order " * MAX_CHARS
    assert (groups.of([long]) == groups.of([long[:MAX_CHARS]])).all()
