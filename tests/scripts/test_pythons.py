"""Finding a Python 3.10, with fake Pythons and a fake uv."""

import os
from pathlib import Path

import pytest

from amends.settings import ROOT

SCRIPTS = ROOT / "scripts"


def pyenv_python(program, root: Path, version: str, says: str = "3.10") -> Path:
    return program(root / "versions" / version / "bin" / "python", f"echo {says}")


def test_uvs_own_search_comes_first(script, checkout: Path) -> None:
    found = script("pythons").rasa_python(checkout.parent / "bin" / "uv", os.environ)
    assert found == Path("/usr/bin/python3.10")


def test_pyenvs_newest_working_one_comes_next(script, tmp_path: Path, program) -> None:
    uv = program(tmp_path / "uv", "exit 2")
    for version in ("3.10.2", "3.10.13", "3.9.18", "3.11.7"):
        pyenv_python(program, tmp_path / "pyenv", version)
    pyenv_python(program, tmp_path / "pyenv", "3.10.14", says="broken")
    environ = {**os.environ, "PYENV_ROOT": str(tmp_path / "pyenv")}
    found = script("pythons").rasa_python(uv, environ)
    assert found == tmp_path / "pyenv" / "versions" / "3.10.13" / "bin" / "python"


def test_pyenv_is_found_at_home_too(script, tmp_path: Path, program) -> None:
    python = pyenv_python(program, tmp_path / ".pyenv", "3.10.9")
    assert script("pythons").in_pyenv({"HOME": str(tmp_path)}) == python


def test_uv_downloads_one_as_the_last_way(script, tmp_path: Path, program) -> None:
    got = tmp_path / "got"
    body = f'case "$2" in install) touch {got};; find) test -e {got} && echo /managed/python;; esac'
    uv = program(tmp_path / "uv", body)
    assert script("pythons").rasa_python(uv, {"HOME": str(tmp_path)}) == Path("/managed/python")


def test_no_python_for_rasa_is_one_error_that_says_what_to_install(
    script, tmp_path: Path, program
) -> None:
    uv = program(tmp_path / "uv", "exit 2")
    with pytest.raises(script("steps").SetupError) as caught:
        script("pythons").rasa_python(uv, {"HOME": str(tmp_path)})
    for word in ("Python 3.10", "uv python install 3.10", "pyenv install 3.10", "apt install"):
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)
