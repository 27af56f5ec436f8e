"""What the desk loads from npm: the files that are served, each with its licence."""

import hashlib
import json
from base64 import b64encode
from pathlib import Path

import pytest

from amends.serve.build_desk import FILES, build
from amends.serve.node_packages import STAMP
from amends.serve.surroundings import DESK_SOURCE

LOCK = (DESK_SOURCE / "package-lock.json").read_bytes()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Packages that were fetched before, so that no test needs npm's registry."""
    folder = tmp_path / "source"
    for path in FILES.values():
        file = folder / "node_modules" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)
    (folder / "package-lock.json").write_bytes(LOCK)
    (folder / STAMP).write_text(hashlib.sha256(LOCK).hexdigest())
    return folder


def test_each_script_is_copied_with_its_licence(source: Path, tmp_path: Path) -> None:
    assert build(source, tmp_path / "out") == 0
    assert {f.name: f.read_text() for f in (tmp_path / "out").iterdir()} == FILES
    scripts = {name.partition(".")[0] for name in FILES if name.endswith(".js")}
    licences = {name.partition(".")[0] for name in FILES if name.endswith("LICENSE.txt")}
    assert scripts == licences


def test_a_package_without_the_file_is_no_success(source: Path, tmp_path: Path) -> None:
    (source / "node_modules" / FILES["sse.min.js"]).unlink()
    with pytest.raises(FileNotFoundError, match=r"sse\.min\.js"):
        build(source, tmp_path / "out")


def test_packages_that_cannot_be_fetched_are_told_with_what_to_do(
    source: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lock = json.loads(LOCK)
    # npm refuses what is not what the lock says before it asks anybody.
    lock["packages"]["node_modules/htmx.org"]["resolved"] = "file:missing.tgz"
    digest = b64encode(hashlib.sha512(b"another").digest()).decode()
    lock["packages"]["node_modules/htmx.org"]["integrity"] = f"sha512-{digest}"
    (source / "package-lock.json").write_text(json.dumps(lock))
    (source / "package.json").write_bytes((DESK_SOURCE / "package.json").read_bytes())
    assert build(source, tmp_path / "out") != 0
    assert "expected to fetch the desk's packages from npm's registry" in capfd.readouterr().err
    assert not (tmp_path / "out").exists()
