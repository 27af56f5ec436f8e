"""Building a widget with the Node of the lock, on a machine that has none of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from amends.serve.build_widget import build
from amends.serve.node_packages import STAMP

LOCK = {"name": "tiny", "lockfileVersion": 3, "requires": True, "packages": {"": {"name": "tiny"}}}
BUILD = """
import { mkdirSync, writeFileSync } from "node:fs";
mkdirSync(process.argv[2], { recursive: true });
writeFileSync(`${process.argv[2]}/widget.js`, process.version);
"""
RUN = (
    "import sys; from pathlib import Path; from amends.serve.build_widget import build; "
    "sys.exit(build(Path(sys.argv[1]), Path(sys.argv[2])))"
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A widget without packages, so that no test needs npm's registry."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps({"name": "tiny", "type": "module"}))
    (folder / "package-lock.json").write_text(json.dumps(LOCK))
    (folder / "build.mjs").write_text(BUILD)
    return folder


def test_it_is_built_where_there_is_no_node_on_path(source: Path, tmp_path: Path) -> None:
    env = {**os.environ, "PATH": "/nonexistent"}
    command = [sys.executable, "-c", RUN, str(source), str(tmp_path / "out")]
    assert subprocess.run(command, env=env, check=False).returncode == 0
    major = int((tmp_path / "out" / "widget.js").read_text().removeprefix("v").split(".")[0])
    assert major >= 24, "the Node of the lock"


def test_a_relative_target_is_meant_from_where_the_command_runs(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert build(source, Path("out")) == 0
    assert (tmp_path / "out" / "widget.js").exists()


def test_packages_are_fetched_again_only_for_another_lock(source: Path, tmp_path: Path) -> None:
    (source / "node_modules").mkdir()
    assert build(source, tmp_path / "out") == 0
    left = source / "node_modules" / "left-from-before"
    left.write_text("")
    assert build(source, tmp_path / "out") == 0
    assert left.exists(), "npm empties the folder when it fetches"
    (source / "package-lock.json").write_text(json.dumps({**LOCK, "version": "2"}))
    assert build(source, tmp_path / "out") == 0
    assert not left.exists()


def test_packages_that_cannot_be_fetched_are_told_with_what_to_check(
    source: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (source / "package-lock.json").write_text("no lock")
    assert build(source, tmp_path / "out") != 0
    told = capfd.readouterr().err
    assert "expected to fetch the widget's packages from npm's registry, found the trouble" in told
    assert "check the network, HTTPS_PROXY or npm_config_registry" in told
    assert not (source / STAMP).exists(), "what was not fetched must not look fetched"


def test_a_build_that_fails_is_a_failure(source: Path, tmp_path: Path) -> None:
    (source / "build.mjs").write_text("throw new Error('too big')")
    assert build(source, tmp_path / "out") != 0
