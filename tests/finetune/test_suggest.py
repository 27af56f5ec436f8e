import numpy as np
import pytest

from finetune.suggest import CHUNK, Candidate, entropy, select, suggest, unsure

EAST, NORTH, WEST = [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ([0.5, 0.5], 1.0),
        ([0.25] * 4, 1.0),
        ([1.0, 0.0, 0.0], 0.0),
        ([0.9, 0.1], 0.468996),  # in bits, by hand
        ([0.5, 0.25, 0.25], 1.5 / np.log2(3)),
    ],
)
def test_entropy_is_between_0_and_1_for_any_number_of_outcomes(probabilities, expected):
    assert entropy(np.array([probabilities]))[0] == pytest.approx(expected, abs=1e-6)


def test_one_probability_is_that_of_two_outcomes():
    found = unsure({"complaint": [0.1], "polarity": [1.0, 0.0, 0.0], "escalate": [0.5]})
    assert found == pytest.approx({"complaint": 0.468996, "polarity": 0.0, "escalate": 1.0})


@pytest.mark.parametrize(("positive", "expected"), [(0.0, 1.0), (0.25, 0.75), (1.0, 0.0)])
def test_doubt_about_the_strength_of_praise_does_not_count(positive, expected):
    found = unsure({"polarity": [1 - positive, 0, positive], "intensity": [0.25] * 4})
    assert found["intensity"] == pytest.approx(expected)


def test_heads_that_nobody_is_asked_for_do_not_count():
    answers = {"complaint": [0.5], "subjectivity": [0.5], "valence": [0.5], "escalate": [0.5]}
    assert set(unsure(answers)) == {"complaint", "escalate"}


def test_most_uncertain_comes_first_and_its_copy_last():
    vectors = np.array([EAST, EAST, NORTH, WEST])
    assert select(vectors, np.array([0.8, 0.9, 0.5, 0.1]), 4) == [1, 2, 3, 0]


def test_near_copy_waits_until_it_is_worth_more_than_the_unlike():
    near = [np.cos(0.5), np.sin(0.5)]  # squared distance 2 - 2 cos 0.5 = 0.245
    vectors = np.array([EAST, near, NORTH])
    assert select(vectors, np.array([1.0, 0.9, 0.3]), 3) == [0, 2, 1]
    assert select(vectors, np.array([1.0, 0.9, 0.1]), 3) == [0, 1, 2]


def test_what_is_far_off_gains_nothing_over_the_merely_unlike():
    unlike = [0.5, np.sqrt(0.75)]  # cosine 0.5: squared distance 1
    vectors = np.array([EAST, unlike, WEST])
    assert select(vectors, np.array([1.0, 0.6, 0.5]), 2) == [0, 1]


def test_length_of_a_vector_does_not_matter():
    vectors = np.array([EAST, NORTH, [0.9, 0.8]])
    worth = np.array([0.9, 0.8, 0.7])
    assert select(vectors * [[1], [50], [0.01]], worth, 3) == select(vectors, worth, 3)


@pytest.mark.parametrize("number", [0, 1, 3, 10])
def test_each_row_is_chosen_once_even_where_all_are_alike(number):
    chosen = select(np.array([EAST] * 3), np.zeros(3), number)
    assert chosen == list(range(min(number, 3)))


class Reader:
    """Reads messages that say themselves how sure one may be and what they are about."""

    def __init__(self):
        self.read = []

    def probabilities(self, texts):
        self.read += texts
        return [{"complaint": [float(text.split()[0])]} for text in texts]

    def encode(self, texts):
        return np.array([[float(word) for word in text.split()[1:]] for text in texts])


def candidates(*texts):
    return [Candidate(f"k{number}", text) for number, text in enumerate(texts)]


def test_suggestions_are_uncertain_unlike_and_no_copies():
    reader = Reader()
    rows = candidates("0.99 0 1", "0.5 1 0", "0.5 1 0", "0.52 1 0.01", "0.8 -1 0")
    found = suggest(rows, 3, reader.probabilities, reader.encode)
    assert [suggestion.candidate.id for suggestion in found] == ["k1", "k4", "k0"]
    assert found[0].uncertainty == pytest.approx(1.0)
    assert found[0].unsure == pytest.approx({"complaint": 1.0})
    assert reader.read.count("0.5 1 0") == 1


def test_many_messages_are_read_in_order_and_in_parts():
    reader = Reader()
    texts = [f"{0.5 + n / 2000} {np.cos(n)} {np.sin(n)}" for n in range(2 * CHUNK + 7)]
    sizes = []
    found = suggest(
        iter(candidates(*texts)),
        1,
        lambda part: sizes.append(len(part)) or reader.probabilities(part),
        reader.encode,
    )
    assert sizes == [CHUNK, CHUNK, 7]
    assert reader.read == texts
    assert found[0].candidate.id == "k0"


def test_no_message_no_suggestion():
    reader = Reader()
    assert suggest([], 5, reader.probabilities, reader.encode) == []
