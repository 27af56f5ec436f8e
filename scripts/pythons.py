"""Which Python each environment gets."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from steps import Command, SetupError, output_of, run, tell

RASA_PYTHON = "3.10"


def app_python() -> Path:
    """The Python that runs this, seen through a virtual environment to the one behind it."""
    return Path(getattr(sys, "_base_executable", None) or sys.executable)


def rasa_python(uv: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """A Python 3.10: uv's own search, else pyenv's versions, else uv's download.

    Raises:
        SetupError: none is there and none can be fetched.
    """
    found = _known_to_uv(uv, environ) or in_pyenv(environ) or _downloaded(uv, environ)
    if found is None:
        raise SetupError(
            f"expected a Python {RASA_PYTHON} for Rasa, found none on PATH or in pyenv, and uv "
            f"could not download one. Install it, then start again, for example: "
            f"`uv python install {RASA_PYTHON}`, `pyenv install {RASA_PYTHON}`, or "
            f"`apt install python{RASA_PYTHON} python{RASA_PYTHON}-venv` where it is packaged"
        )
    return found


def in_pyenv(environ: Mapping[str, str]) -> Path | None:
    """The newest working 3.10 in pyenv's versions folder, also when pyenv has it switched off."""
    home = Path(environ.get("PYENV_ROOT") or Path(environ.get("HOME", "~")) / ".pyenv")
    pythons = home.glob(f"versions/{RASA_PYTHON}.*/bin/python")
    return next(filter(_is_rasa_python, sorted(pythons, key=_patch, reverse=True)), None)


def _patch(python: Path) -> int:
    found = re.search(r"/versions/3\.10\.(\d+)", str(python))
    return int(found[1]) if found else -1


def _is_rasa_python(python: Path) -> bool:
    version = output_of([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"])
    return version == RASA_PYTHON


def _known_to_uv(uv: Path, environ: Mapping[str, str]) -> Path | None:
    # --system: an activated environment made of a 3.10 is not a Python to build another one on.
    search: Command = [uv, "python", "find", RASA_PYTHON, "--no-python-downloads", "--system"]
    found = output_of([*search, "--no-project"], environ)
    return Path(found) if found else None


def _downloaded(uv: Path, environ: Mapping[str, str]) -> Path | None:
    tell(f"no Python {RASA_PYTHON} here; asking uv to download one for Rasa")
    if not run([uv, "python", "install", RASA_PYTHON], environ):
        return None
    return _known_to_uv(uv, environ)
