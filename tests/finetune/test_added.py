"""`amends train --add`: what agents corrected is learnt on top of what was known."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from amends.cli import app
from finetune.data import ADDED
from nlu.manifest import Manifest, read_manifest

pytestmark = pytest.mark.usefixtures("_tiny_env")


def run(own: Path, output: Path, *more: object) -> Result:
    options = ["--config", own / "own.toml", "--data", own, "--output", output, *more]
    return CliRunner(env={"COLUMNS": "100"}).invoke(app, ["train", *map(str, options)])


def trained(own: Path, output: Path, *more: object) -> Manifest:
    result = run(own, output, *more)
    assert result.exit_code == 0, result.output + repr(result.exception)
    return read_manifest(output)


@pytest.fixture
def corrections(tmp_path: Path) -> Path:
    """As `amends labels export` writes them: only what was corrected."""
    records = [
        {"id": f"AM-{n} 1", "text": f"the new toaster {n} hums", "at": "2026-11-02T10:00:00Z"}
        | ({"polarity": "neutral"} if n % 2 else {"valence": -0.5, "category": "delivery"})
        for n in range(10)
    ]
    path = tmp_path / "corrections.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_it_goes_on_from_an_adapter_and_rehearses(
    own: Path, corrections: Path, tmp_path: Path
) -> None:
    before = trained(own, tmp_path / "before")
    after = trained(own, tmp_path / "after", "--start", tmp_path / "before", "--add", corrections)
    assert after.version != before.version
    assert after.heads == before.heads
    assert set(after.data_sha256) == {"own.csv", "corrections.jsonl"}
    [stage] = after.training["stages"]
    assert stage == {"sources": {"own": 2, ADDED: 1}, "epochs": 1, "rate": 0.5}
    # Four earlier rows for each added one that is not kept for validation.
    assert after.training["samples"] % 5 == 0
    assert 5 * 7 <= after.training["samples"] <= 5 * 10


def test_without_start_it_goes_on_from_the_adapter_in_use(
    own: Path, corrections: Path, tmp_path: Path
) -> None:
    """That is the shipped one, for another base than these tests have."""
    result = run(own, tmp_path / "after", "--add", corrections)
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert "nlu/adapters/default: expected the base sentence-transformers/" in result.stderr
    assert "Set AMENDS_BASE_MODEL to that base, or train an adapter for this one" in result.stderr


@pytest.mark.parametrize(("text", "found"), [("", "no columns"), ('{"text": "a"}\n', "'text'")])
def test_nothing_to_learn_is_told(text: str, found: str, own: Path, tmp_path: Path) -> None:
    path = tmp_path / "corrections.jsonl"
    path.write_text(text)
    result = run(own, tmp_path / "after", "--add", path)
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.stderr == (
        f"amends: {path}: expected a column named after a head (polarity, valence), found {found}. "
        "Rename the columns, or map them in the sources of a configuration.\n"
    )
