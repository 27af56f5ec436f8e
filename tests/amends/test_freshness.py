import os
from pathlib import Path

import pytest

from amends.serve.errors import ServeError
from amends.serve.freshness import fingerprint, forget, is_fresh, record


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, Path]:
    folder = tmp_path / "assistant"
    (folder / "data" / "nlu").mkdir(parents=True)
    (folder / "data" / "nlu" / "greet.yml").write_text("hello")
    (folder / "policy.py").write_text("x = 1")
    (tmp_path / "config.yml").write_text("recipe")
    return {"assistant": folder, "config.yml": tmp_path / "config.yml"}


def test_a_touch_is_not_a_change(inputs: dict[str, Path]) -> None:
    before = fingerprint(inputs)
    for file in (inputs["config.yml"], inputs["assistant"] / "policy.py"):
        os.utime(file, (1, 1))
    assert fingerprint(inputs) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "config.yml").write_text("Recipe"),
        lambda root: (root / "assistant" / "data" / "nlu" / "greet.yml").write_text("hello\n"),
        lambda root: (root / "assistant" / "data" / "thanks.yml").write_text(""),
        lambda root: (root / "assistant" / "policy.py").unlink(),
        lambda root: (root / "assistant" / "policy.py").rename(root / "assistant" / "other.py"),
    ],
    ids=["byte", "byte in a folder", "empty file added", "file removed", "file renamed"],
)
def test_any_changed_byte_or_name_is_a_change(
    inputs: dict[str, Path], tmp_path: Path, change
) -> None:
    before = fingerprint(inputs)
    change(tmp_path)
    assert fingerprint(inputs) != before


@pytest.mark.parametrize("noise", ["__pycache__/policy.cpython-310.pyc", ".ipynb_checkpoints/x"])
def test_what_python_and_editors_leave_is_no_change(inputs: dict[str, Path], noise: str) -> None:
    before = fingerprint(inputs)
    file = inputs["assistant"] / noise
    file.parent.mkdir()
    file.write_text("noise")
    assert fingerprint(inputs) == before


def test_a_setting_counts_and_the_place_of_the_checkout_does_not(
    inputs: dict[str, Path], tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    elsewhere = {name: path.rename(moved / path.name) for name, path in inputs.items()}
    (tmp_path / "config.yml").write_text("recipe")
    assert fingerprint(elsewhere, "model-a") != fingerprint(elsewhere, "model-b")
    before = fingerprint({"config.yml": elsewhere["config.yml"]})
    assert fingerprint({"config.yml": tmp_path / "config.yml"}) == before


def test_a_missing_input_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match=r"expected domain\.yml at .*domain\.yml, found nothing"):
        fingerprint({"domain.yml": tmp_path / "domain.yml"})


def test_fresh_only_when_there_and_recorded_with_the_same_inputs(tmp_path: Path) -> None:
    product = tmp_path / "model.tar.gz"
    product.write_text("model")
    assert not is_fresh(product, "abc"), "never recorded"
    record(product, "abc")
    assert is_fresh(product, "abc")
    assert not is_fresh(product, "abd")
    product.unlink()
    assert not is_fresh(product, "abc"), "recorded, but deleted since"
    product.write_text("model")
    forget(product)
    assert not is_fresh(product, "abc"), "a build was begun"
    forget(product)
