"""The mood over a conversation."""

import pytest

from desk.pages.mood import EDGE, HEIGHT, WIDTH, mood


def test_worse_is_lower_and_later_is_further_right():
    chart = mood([0.5, -1.0, 1.0])
    xs, ys = [p.x for p in chart.points], [p.y for p in chart.points]
    assert xs == sorted(xs)
    assert (xs[0], xs[-1]) == (EDGE, WIDTH - EDGE)
    assert ys[1] == HEIGHT - EDGE
    assert ys[2] == EDGE
    assert chart.line.count(",") == 3


@pytest.mark.parametrize(
    ("valences", "words"),
    [
        ([], "No message was scored yet."),
        ([-0.9], "One scored message: bad (-0.9)."),
        (
            [-0.9, 0.1],
            "2 scored messages, from bad (-0.9) to neither good nor bad (+0.1); the lowest",
        ),
        ([0.3, -0.4, 0.9], "from good (+0.3) to good (+0.9); the lowest is -0.4."),
    ],
)
def test_it_is_told_in_words_too(valences, words):
    assert words in mood(valences).words
