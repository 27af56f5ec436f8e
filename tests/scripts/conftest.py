"""The set-up scripts, with fake programs in place of uv, pip and Pythons."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from amends.settings import ROOT

SCRIPTS = ROOT / "scripts"
LOCK = """
version = 1
[[package]]
name = "torch"
version = "2.13.0"
[[package]]
name = "torchmetrics"
version = "1.0"
[[package]]
name = "triton"
version = "3"
[[package]]
name = "cuda-bindings"
version = "13"
[[package]]
name = "nvidia-cublas"
version = "13"
[[package]]
name = "numpy"
version = "2"
"""


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Import a module of scripts/ as it is imported when the set-up runs."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    names = [path.stem for path in SCRIPTS.glob("*.py")]
    yield importlib.import_module
    for name in names:
        sys.modules.pop(name, None)


def write_program(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def program() -> Callable[[Path, str], Path]:
    """Write a shell script that can be started."""
    return write_program


@pytest.fixture
def lock() -> str:
    return LOCK


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a lock, and a uv on PATH that notes how it is called."""
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "uv.lock").write_text(LOCK)
    (root / "pyproject.toml").write_text("")
    body = f"""
case "$*" in
  --version) echo "uv 0.13.9 (fake)";;
  *"python find"*) echo /usr/bin/python3.10;;
  *sync*) echo "$UV_PROJECT_ENVIRONMENT $*" >> {tmp_path}/calls
    mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"; touch "$UV_PROJECT_ENVIRONMENT/bin/python";;
  *) echo "$*" >> {tmp_path}/calls;;
esac
"""
    write_program(tmp_path / "bin" / "uv", body)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    for name in ("AMENDS_TORCH", "AMENDS_TORCH_CPU_FROM", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    return root


@pytest.fixture
def calls(checkout: Path) -> Callable[[], list[str]]:
    """How that uv was called to change an environment, oldest call first."""
    file = checkout.parent / "calls"
    return lambda: file.read_text().splitlines() if file.exists() else []
