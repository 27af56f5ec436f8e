"""Which words are marked, and how strongly."""

import pytest

from desk.pages.evidence import Piece, pieces
from nlu.assessment import Assessment

TEXT = "You lost my parcel AGAIN, useless"


def assessment(scores, words):
    places = [
        {
            "text": w,
            "start": TEXT.index(w),
            "end": TEXT.index(w) + len(w),
            "polarity": p,
            "intensity": i,
        }
        for w, p, i in words
    ]
    return Assessment.model_validate(
        scores(TEXT, (), evidence={"words": places, "capitals": False})
    )


def marked(found):
    return [(piece.text, piece.weight) for piece in found if piece.weight]


def test_the_strongest_is_marked_most_and_nothing_is_lost(scores):
    words = [
        ("lost", 0.5, 0.2),
        ("parcel", -3.0, -1.0),
        ("AGAIN", 0.05, 0.0),
        ("useless", 2.0, 0.0),
    ]
    found = pieces(TEXT, assessment(scores, words))
    assert "".join(piece.text for piece in found) == TEXT
    assert marked(found) == [("lost", 2), ("useless", 3)]


@pytest.mark.parametrize("words", [[], [("lost", -1.0, -1.0)], [("lost", 0.0, 0.0)]])
def test_where_nothing_carried_nothing_is_marked(scores, words):
    assert pieces(TEXT, assessment(scores, words)) == (Piece(TEXT),)


def test_places_of_another_wording_mark_nothing(scores):
    found = pieces("Other words of the same length", assessment(scores, [("lost", 1.0, 1.0)]))
    assert marked(found) == []


def test_without_scores_the_text_stays(scores):
    assert pieces(TEXT, None) == (Piece(TEXT),)


def test_places_that_overlap_or_lie_outside_are_left_out(scores):
    broken = {
        "words": [
            {"text": "lost", "start": 4, "end": 8, "polarity": 1.0, "intensity": 0.0},
            {"text": "st my", "start": 6, "end": 11, "polarity": 1.0, "intensity": 0.0},
            {"text": "?", "start": 30, "end": 99, "polarity": 1.0, "intensity": 0.0},
        ]
    }
    found = pieces(TEXT, Assessment.model_validate(scores(TEXT, (), evidence=broken)))
    assert "".join(piece.text for piece in found) == TEXT
    assert marked(found) == [("lost", 3)]
