"""A categories file that cannot be used is refused with its place in it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from amends.settings import ROOT
from nlu.category_file import CategoriesError, read_categories

SHIPPED = ROOT / "nlu" / "categories.yml"


@pytest.fixture
def content() -> dict[str, Any]:
    entry = {"label": "a", "owner": "b", "remedy": "c.", "examples": ["x", "y", "z"]}
    return {
        "categories": {"first": dict(entry), "second": dict(entry)},
        "other_examples": ["p", "q", "r"],
    }


def write(path: Path, content: object) -> Path:
    path.write_text(yaml.safe_dump(content), "utf-8")
    return path


def test_the_least_that_is_enough(content: dict[str, Any], tmp_path: Path) -> None:
    found = read_categories(write(tmp_path / "c.yml", content))
    assert list(found.categories) == ["first", "second"]


def test_words_for_a_category_and_for_none() -> None:
    shipped = read_categories(SHIPPED)
    assert shipped.label("delivery") == "your delivery"
    assert shipped.label("other") == shipped.label("long gone") == ""


FAULTS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "two examples": (lambda c: c["categories"]["first"]["examples"].pop(), "first.examples"),
    "no label": (lambda c: c["categories"]["first"].pop("label"), "first.label"),
    "empty owner": (lambda c: c["categories"]["first"].update(owner=""), "first.owner"),
    "number as example": (
        lambda c: c["categories"]["second"]["examples"].append(7),
        "second.examples.3",
    ),
    "blank example": (
        lambda c: c["categories"]["second"]["examples"].append("  "),
        "second.examples.3",
    ),
    "misspelt key": (lambda c: c["categories"]["first"].update(exmples=[]), "first.exmples"),
    "one category": (lambda c: c["categories"].pop("first"), "categories"),
    "no other examples": (lambda c: c.pop("other_examples"), "other_examples"),
    "blank other example": (lambda c: c["other_examples"].append(""), "other_examples.3"),
    "unknown key": (lambda c: c.update(version=2), "version"),
    # It would take the place of the examples that belong to no category.
    "a category named other": (
        lambda c: c["categories"].update(other=c["categories"]["first"]),
        "other is what Amends calls a message that is about none",
    ),
}


@pytest.mark.parametrize(("fault", "found"), FAULTS.values(), ids=list(FAULTS))
def test_another_form_is_refused(
    content: dict[str, Any],
    tmp_path: Path,
    fault: Callable[[dict[str, Any]], object],
    found: str,
) -> None:
    fault(content)
    path = write(tmp_path / "c.yml", content)
    with pytest.raises(CategoriesError) as error:
        read_categories(path)
    assert f"{path}: expected categories with label, owner, remedy and at least 3" in str(
        error.value
    )
    assert found in str(error.value)
    assert "Correct the file, or set AMENDS_CATEGORIES_FILE." in str(error.value)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"categories: [", "line 1"),
        (b"\xff\xfe\x00", "found: "),
        (b"", "valid dictionary"),
        (b"- a\n- b\n", "valid dictionary"),
        (b"a: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
    ],
    ids=["no YAML", "no UTF-8", "empty", "a list", "a Python object"],
)
def test_what_is_no_yaml_is_refused(tmp_path: Path, raw: bytes, found: str) -> None:
    path = tmp_path / "c.yml"
    path.write_bytes(raw)
    with pytest.raises(CategoriesError, match=f"(?s){found}.*Correct the file"):
        read_categories(path)


@pytest.mark.parametrize("name", ["missing.yml", "."])
def test_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CategoriesError, match="set AMENDS_CATEGORIES_FILE"):
        read_categories(tmp_path / name)
