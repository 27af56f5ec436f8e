"""The categories that ship: complete, distinct, free of personal data."""

import re
from collections import Counter
from pathlib import Path

import pytest

from nlu.category_file import CategoryFile, read_categories

FILE = Path(__file__).resolve().parents[2] / "nlu" / "categories.yml"
OWNERS = {
    "delivery": "logistics",
    "damaged_or_defective": "quality",
    "wrong_or_missing_item": "warehouse",
    "returns_and_refunds": "returns",
    "billing_and_payment": "billing",
    "price_and_promotion": "pricing",
    "account_and_login": "accounts",
    "website_and_app": "web",
    "product_and_stock": "catalogue",
    "customer_service": "support",
    "order_changes": "orders",
    "authenticity_and_safety": "trust",
}
LEAST_EXAMPLES = 8
LEAST_OTHER_EXAMPLES = 24
PERSONAL_DATA = {
    "e-mail": r"[\w.+-]+@[\w-]+\.\w+",
    "phone": r"\+?\d(?:[ ()./-]*\d){6,}",
    "card": r"(?:\d[ -]*){13,16}",
}


@pytest.fixture(scope="module")
def file() -> CategoryFile:
    return read_categories(FILE)


@pytest.fixture(scope="module")
def sentences(file: CategoryFile) -> list[str]:
    in_categories = [text for entry in file.categories.values() for text in entry.examples]
    return in_categories + file.other_examples


def normalised(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_the_categories_are_those_of_the_design(file: CategoryFile):
    assert {name: entry.owner for name, entry in file.categories.items()} == OWNERS


@pytest.mark.parametrize("name", OWNERS)
def test_label_is_a_phrase_in_lower_case(file: CategoryFile, name: str):
    assert re.fullmatch(r"(a|an|the|our|your) [a-z ,]+", file.categories[name].label)


@pytest.mark.parametrize("name", OWNERS)
def test_remedy_is_one_sentence_that_promises_nothing(file: CategoryFile, name: str):
    remedy = file.categories[name].remedy

    assert remedy.endswith(".")
    assert remedy.count(".") == 1
    assert not re.search(r"\bwill\b|\bguarantee|\bhours?\b|!", remedy)


@pytest.mark.parametrize("name", OWNERS)
def test_examples_are_enough_and_distinct(file: CategoryFile, name: str):
    assert len({normalised(text) for text in file.categories[name].examples}) >= LEAST_EXAMPLES


def test_other_examples_are_enough(file: CategoryFile):
    assert len({normalised(text) for text in file.other_examples}) >= LEAST_OTHER_EXAMPLES


def test_no_example_occurs_twice(sentences: list[str]):
    counts = Counter(map(normalised, sentences))

    assert [text for text, count in counts.items() if count > 1] == []


def test_labels_are_distinct(file: CategoryFile):
    assert len({entry.label for entry in file.categories.values()}) == len(OWNERS)


@pytest.mark.parametrize("kind", PERSONAL_DATA)
def test_examples_hold_no_personal_data(sentences: list[str], kind: str):
    assert [text for text in sentences if re.search(PERSONAL_DATA[kind], text)] == []
