"""Several complaints in one message: told apart by the shipped model, and one left alone."""

import pytest

from nlu.assessment import OTHER, Assessment, Polarity, RunnerUp, Unreadable
from nlu.several import MOST_PARTS, Several, parts, several


def part(category, severity=0.1, clear=0.2, **changes):
    values = {
        "text": "it is late",
        "polarity": Polarity.NEGATIVE,
        "polarity_probs": {Polarity.NEGATIVE: 1.0},
        "valence": -0.5,
        "intensity": "medium",
        "complaint": 0.9,
        "subjectivity": 0.5,
        "severity": severity,
        "severity_threshold": 0.4,
        "category": category,
        "similarity": 0.5,
        "runners_up": [RunnerUp(category="product_and_stock", similarity=0.5 - clear)],
        "model": "default 1",
    }
    return Assessment(**{**values, **changes})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is late.", []),
        ("It is late. It is torn.", ["It is late.", "It is torn."]),
        ("It is late and it is torn", ["It is late", "it is torn"]),
        ("It is late, also it is torn", ["It is late", "it is torn"]),
        ("It is late\nit is torn", ["It is late", "it is torn"]),
        ("Hi! It is late", []),
        ("", []),
        ("It is late. " * (MOST_PARTS + 1), []),
    ],
)
def test_parts(text, found):
    assert parts(text) == found


@pytest.mark.parametrize(
    ("assessed", "found"),
    [
        ([], None),
        ([part("delivery")], None),
        ([part("delivery"), part("delivery")], None),
        ([part("delivery"), part("returns_and_refunds", 0.5)], ("returns_and_refunds", "delivery")),
        ([part("delivery", 0.5), part("returns_and_refunds")], ("delivery", "returns_and_refunds")),
        ([part("delivery"), part("account_and_login", clear=0.01)], None),
        ([part("delivery"), part(OTHER)], None),
        ([part("delivery"), part("account_and_login", similarity=0.1)], None),
        ([part("delivery"), Unreadable(text="?", reason="no_text")], None),
        (
            [part("delivery"), part("account_and_login", polarity="positive")],
            None,
        ),
        (
            [part("delivery"), part("account_and_login", polarity="neutral", complaint=0.1)],
            None,
        ),
    ],
)
def test_what_counts_as_another_complaint(assessed, found):
    expected = None if found is None else Several(found[0], tuple(found[1:]))
    assert several(assessed) == expected


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        (
            "My parcel is a week late and I was charged twice.",
            {"delivery", "billing_and_payment"},
        ),
        (
            "The lamp arrived broken. Also your customer service never answers my emails.",
            {"damaged_or_defective", "customer_service"},
        ),
        (
            "I can't log in to my account and the discount code does not work either",
            {"account_and_login", "price_and_promotion"},
        ),
        (
            "Delivery took three weeks and the vase came smashed to pieces",
            {"delivery", "damaged_or_defective"},
        ),
        (
            "The app crashes at checkout. The courier left my parcel in the rain.",
            {"website_and_app", "delivery"},
        ),
    ],
)
def test_the_shipped_model_tells_them_apart(assessor, text, categories):
    found = several(assessor.assess(parts(text)))
    assert found is not None
    assert {found.main, *found.others} == categories


@pytest.mark.parametrize(
    "text",
    [
        "My parcel was due on Monday. It is Thursday now and it still has not come.",
        "I ordered two shirts and one of them has a hole in it.",
        "Hello, I have a problem. My order has not arrived and I need it by Friday.",
        "I was charged twice for my order and I want the second payment back.",
        "I can't sign in. I reset the password and it still says wrong password.",
        "I waited an hour on the phone and then your agent hung up on me",
        "the price went up overnight and the sale ended early",
    ],
)
def test_the_shipped_model_leaves_one_complaint_whole(assessor, text):
    assert several(assessor.assess(parts(text))) is None
