import random

import pytest

from assistant.tuning.noise import KEYS, SLANG, noisy

TEXTS = ["Could you please tell me how to change the address, thanks?", "refund status", "48213"]


@pytest.mark.parametrize("text", TEXTS)
def test_one_seed_gives_one_result(text):
    results = [noisy(text, random.Random(7)) for _ in range(2)]
    assert results[0] == results[1]


def test_seeds_differ():
    assert len({noisy(TEXTS[0], random.Random(seed)) for seed in range(20)}) > 15


@pytest.mark.parametrize("seed", range(50))
def test_every_message_of_words_gets_a_typo(seed):
    assert {"refund", "status"} - set(noisy("refund status", random.Random(seed)).split())


@pytest.mark.parametrize("seed", range(50))
def test_numbers_stay_what_they_are(seed):
    assert "48213" in noisy("order 48213 please", random.Random(seed))


def test_slang_fillers_and_lost_spaces_occur():
    results = [noisy(TEXTS[0], random.Random(seed)) for seed in range(60)]
    counts = [len(result.split()) for result in results]
    assert any(" u " in result for result in results)
    assert any(result == result.lower() and "," not in result for result in results)
    assert min(counts) < 11 < max(counts)


@pytest.mark.parametrize("text", ["", "a", "ok", "???", "\u6f22\u5b57"])
def test_next_to_nothing_is_no_trouble(text):
    for seed in range(20):
        assert isinstance(noisy(text, random.Random(seed)), str)


def test_slang_is_of_other_words_than_it_stands_for():
    assert all(words not in short for words, short in SLANG.items())
    assert sorted("".join(KEYS)) == sorted("abcdefghijklmnopqrstuvwxyz")
