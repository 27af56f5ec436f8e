"""What a message is about, found by meaning; a new category needs no training."""

from pathlib import Path

import pytest
import yaml
from sentence_transformers import SentenceTransformer

from amends.settings import ROOT, SHIPPED_ADAPTER, load_settings
from nlu.assessment import OTHER
from nlu.assessor import load_sentence_encoder
from nlu.categories import RUNNERS_UP, CategoryFinder, Similarities, decide
from nlu.category_file import Category, CategoryFile, read_categories
from nlu.manifest import Thresholds, read_manifest

SHIPPED = ROOT / "nlu" / "categories.yml"
GIFT_WRAPPING = {
    "label": "your gift wrapping",
    "owner": "warehouse",
    "remedy": "The shop can send the paper and the ribbon.",
    "examples": [
        "the present was not wrapped although I paid for gift paper",
        "no ribbon on the gift and the greeting card is missing from the wrapping",
        "wrapping paper was torn and the bow came off, it was a birthday present",
        "can you gift wrap it and put a greeting card inside?",
        "you forgot my greeting card and the gift box with the bow",
    ],
}
CLEAR = {
    "delivery": "tracking says out for delivery for four days now, where is the parcel",
    "damaged_or_defective": "the kettle stopped working after a week, it is broken",
    "returns_and_refunds": "I sent it back three weeks ago, when do I get my refund",
    "account_and_login": "I can't log in, the password reset mail never comes",
    "price_and_promotion": "my discount code was not accepted at the checkout",
}
FAR_OFF = [
    "the mountains looked beautiful in the snow this morning",
    "happy birthday to my sister",
    "haha yes see you tonight",
    "I dreamt about a whale",
]


@pytest.fixture(scope="module")
def encoder() -> SentenceTransformer:
    return load_sentence_encoder(load_settings())


@pytest.fixture(scope="module")
def finder(encoder: SentenceTransformer) -> CategoryFinder:
    return CategoryFinder(read_categories(SHIPPED), encoder)


@pytest.fixture(scope="module")
def thresholds() -> Thresholds:
    return read_manifest(SHIPPED_ADAPTER).thresholds


def found(finder: CategoryFinder, thresholds: Thresholds, text: str) -> str:
    return decide(finder.similarities([text])[0], thresholds).category


@pytest.mark.parametrize("category", CLEAR)
def test_a_clear_message_finds_its_category(
    finder: CategoryFinder, thresholds: Thresholds, category: str
) -> None:
    assert found(finder, thresholds, CLEAR[category]) == category


@pytest.mark.parametrize("text", FAR_OFF)
def test_a_message_about_something_else_is_other(
    finder: CategoryFinder, thresholds: Thresholds, text: str
) -> None:
    assert found(finder, thresholds, text) == OTHER


def test_a_thirteenth_category_is_found_without_training(
    encoder: SentenceTransformer, finder: CategoryFinder, thresholds: Thresholds, tmp_path: Path
) -> None:
    unseen = "I paid extra for gift wrap but the birthday present came in plain cardboard, no bow"
    assert found(finder, thresholds, unseen) != "gift_wrapping"
    content = yaml.safe_load(SHIPPED.read_text("utf-8"))
    content["categories"]["gift_wrapping"] = GIFT_WRAPPING
    path = tmp_path / "categories.yml"
    path.write_text(yaml.safe_dump(content), "utf-8")
    larger = CategoryFinder(read_categories(path), encoder)
    assert found(larger, thresholds, unseen) == "gift_wrapping"
    assert {name: found(larger, thresholds, text) for name, text in CLEAR.items()} == {
        name: name for name in CLEAR
    }


def test_similarities_are_cosines_to_every_category(finder: CategoryFinder) -> None:
    texts = [*CLEAR.values(), *FAR_OFF, "x", "😡"]
    names = set(read_categories(SHIPPED).categories)
    for item in finder.similarities(texts):
        assert set(item.by_category) == names
        assert all(-1 <= value <= 1 for value in [*item.by_category.values(), item.other])


def test_similarities_do_not_depend_on_the_other_messages(finder: CategoryFinder) -> None:
    texts = list(CLEAR.values())
    together = finder.similarities(texts)
    for text, item in zip(texts, together, strict=True):
        alone = finder.similarities([text])[0]
        assert alone.by_category == pytest.approx(item.by_category, abs=1e-4)


LATE = ["my parcel is late", "where is my order", "nothing has arrived yet"]
DOUBLE = ["you charged me twice", "my card was declined", "there is a fee on my bill"]


def finder_of(encoder: SentenceTransformer, **examples: list[str]) -> CategoryFinder:
    entries = {
        name: Category(label="a", owner="b", remedy="c.", examples=texts)
        for name, texts in examples.items()
    }
    return CategoryFinder(CategoryFile(categories=entries, other_examples=FAR_OFF), encoder)


def test_a_broad_category_pulls_more(encoder: SentenceTransformer) -> None:
    finder = finder_of(encoder, broad=LATE * 3, narrow=LATE)
    found = finder.similarities(["the courier has not come"])[0].by_category
    # Nine examples where the average is six: log(9 / 6) / 8 more.
    assert found["broad"] - found["narrow"] == pytest.approx(0.0507, abs=1e-3)


def test_a_category_of_few_examples_is_not_held_back(encoder: SentenceTransformer) -> None:
    """All have the same examples, one more often: the others lose nothing by that."""
    message = ["the courier has not come"]
    alike = finder_of(encoder, small=LATE, large=LATE).similarities(message)[0]
    beside = finder_of(encoder, small=LATE, large=LATE * 5).similarities(message)[0]
    assert beside.by_category["small"] == pytest.approx(alike.by_category["small"], abs=1e-3)


def test_a_close_example_counts_more_than_many_distant_ones(encoder: SentenceTransformer) -> None:
    finder = finder_of(encoder, mixed=[*DOUBLE, LATE[0]], distant=[*DOUBLE, *FAR_OFF])
    found = finder.similarities([LATE[0]])[0].by_category
    mean = finder.nearest(LATE[0], "mixed", len(DOUBLE) + 1)
    assert found["mixed"] > sum(near.similarity for near in mean) / len(mean)
    assert found["mixed"] > found["distant"]


def test_loudness_does_not_change_what_it_is_about(finder: CategoryFinder) -> None:
    quiet, loud = finder.similarities(["my parcel is lost", "MY PARCEL IS LOST"])
    assert loud.by_category == pytest.approx(quiet.by_category, abs=1e-4)


def limits(similarity: float, margin: float) -> Thresholds:
    return Thresholds(severity=0.5, similarity=similarity, margin=margin, encoder="x")


CLOSE = Similarities(by_category={"b": 0.1, "a": 0.5, "c": 0.4, "d": 0.3, "e": -0.2}, other=0.45)


@pytest.mark.parametrize(
    ("similarity", "margin", "category"),
    [
        (0.5, 0.0, "a"),
        (0.51, 0.0, OTHER),
        (0.0, 0.04, "a"),
        (0.0, 0.06, OTHER),
        (-1.0, -2.0, "a"),
    ],
)
def test_other_wins_below_the_similarity_and_within_the_margin(
    similarity: float, margin: float, category: str
) -> None:
    match = decide(CLOSE, limits(similarity, margin))
    assert (match.category, match.similarity) == (category, 0.5)


def test_runners_up_are_the_next_best_first() -> None:
    match = decide(CLOSE, limits(0.0, 0.0))
    assert [(r.category, r.similarity) for r in match.runners_up] == [
        ("c", 0.4),
        ("d", 0.3),
        ("b", 0.1),
    ]


def test_runners_up_of_other_begin_with_the_closest() -> None:
    match = decide(CLOSE, limits(0.9, 0.0))
    assert [r.category for r in match.runners_up] == ["a", "c", "d"]
    assert len(match.runners_up) == RUNNERS_UP
