"""The first file of the set-up, and the Makefile that calls it."""

import os
import subprocess
from pathlib import Path

import pytest

from amends.settings import ROOT

SCRIPTS = ROOT / "scripts"


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 9, 18), (3, 10, 13)])
def test_too_old_a_python_is_one_line_with_what_to_do(script, version: tuple[int, ...]) -> None:
    line = script("bootstrap").too_old(version, "/usr/bin/python3")
    found = ".".join(map(str, version))
    assert f"expected Python 3.11 or newer, found {found} (/usr/bin/python3)" in line
    assert "apt install" in line
    assert "\n" not in line


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 1), (4, 0, 0)])
def test_a_new_enough_python_will_do(script, version: tuple[int, ...]) -> None:
    assert script("bootstrap").too_old(version, "/usr/bin/python3") == ""


def test_old_pythons_can_read_the_file_that_says_they_are_too_old() -> None:
    import ast

    ast.parse((SCRIPTS / "bootstrap.py").read_text(), feature_version=(3, 6))


# What an outer `make test` tells its children is not for the ones started here.
OUTSIDE = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}


def make(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-s", *arguments], cwd=ROOT, env={**OUTSIDE, **environ},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_help_has_a_line_for_every_target() -> None:
    shown = make("help").stdout
    for target in ["run", "test", "chat", "lint", "bench", "help", "train", "evaluate", "clean"]:
        line = next(line for line in shown.splitlines() if f"make {target} " in line)
        assert len(line.split()) > 3


def test_without_a_target_make_only_explains() -> None:
    assert make().stdout == make("help").stdout


def test_too_old_a_python_ends_make_with_the_line(tmp_path: Path, program) -> None:
    python = program(tmp_path / "python3", 'echo "amends: too old" >&2; exit 1')
    done = make("bootstrap", f"PYTHON={python}")
    assert done.returncode != 0
    assert done.stderr.startswith("amends: too old\n")


def test_no_python_at_all_is_one_clear_line() -> None:
    done = make("bootstrap", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "expected Python 3.11 or newer, found none" in done.stderr


def test_a_developers_settings_do_not_reach_the_tests() -> None:
    recipe = make("-n", "test", "PYTHON=true", AMENDS_RASA_PORT="1", AMENDS_LANGUAGE="xx").stdout
    pytest_line = next(line for line in recipe.splitlines() if "-m pytest" in line)
    without = pytest_line.split(".venv/bin/python")[0] + "env"
    shown = subprocess.run(
        ["sh", "-c", without], env={**os.environ, "AMENDS_RASA_PORT": "1", "AMENDS_X": "a b"},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "AMENDS_" not in shown
    assert "PATH=" in shown
