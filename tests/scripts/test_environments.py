"""Syncing both environments, with a uv that notes how it is called."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from amends.settings import ROOT

SCRIPTS = ROOT / "scripts"


@pytest.fixture
def sync(script, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    environments = script("environments")
    monkeypatch.setattr(environments.pythons, "app_python", lambda: Path("/usr/bin/python3.12"))

    def run(root: Path, **environ: str) -> None:
        environments.sync(root, {**os.environ, **environ})

    return run


def test_both_environments_come_from_the_lock_and_only_once(sync, checkout: Path, calls) -> None:
    sync(checkout, VIRTUAL_ENV="/somewhere/else", AMENDS_TORCH="cuda")
    app, rasa = calls()
    base = f"--project {checkout} sync --frozen"
    assert app == f"{checkout}/.venv {base} --group app --group dev --python /usr/bin/python3.12"
    assert rasa == f"{checkout}/.venv-rasa {base} --only-group rasa --python /usr/bin/python3.10"
    sync(checkout)
    assert len(calls()) == 2


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda root: (root / "uv.lock").open("a").write("# changed"), [".venv", ".venv-rasa"]),
        (lambda root: (root / ".venv-rasa" / "bin" / "python").unlink(), [".venv-rasa"]),
        (lambda root: os.utime(root / "uv.lock", (1, 1)), []),
    ],
    ids=["lock changed", "python lost", "lock touched"],
)
def test_only_what_is_stale_is_synced_again(sync, checkout: Path, change, names, calls) -> None:
    sync(checkout, AMENDS_TORCH="cuda")
    change(checkout)
    sync(checkout)
    assert [Path(call.split()[0]).name for call in calls()[2:]] == names


@pytest.mark.skipif(sys.platform != "linux", reason="the choice exists on Linux only")
def test_cpu_only_leaves_cuda_out_and_stays_so(sync, checkout: Path, calls) -> None:
    wheels = checkout.parent / "wheels"
    wheels.mkdir()
    sync(checkout, AMENDS_TORCH="cpu", AMENDS_TORCH_CPU_FROM=str(wheels))
    app, torch, _rasa = calls()
    for name in ("torch", "triton", "cuda-bindings", "nvidia-cublas"):
        assert f"--no-install-package={name}" in app.split()
    assert "numpy" not in app
    assert torch == (
        f"pip install --python {checkout}/.venv/bin/python --no-deps torch==2.13.0+cpu "
        f"--no-index --find-links {wheels}"
    )
    sync(checkout)
    assert len(calls()) == 3, "a start without the variable undid the choice"
    sync(checkout, AMENDS_TORCH="cuda")
    assert "--no-install-package" not in calls()[3]


def test_a_failed_sync_is_told_and_tried_again(
    sync, script, checkout: Path, monkeypatch: pytest.MonkeyPatch, calls
) -> None:
    monkeypatch.setattr(script("environments"), "PROBE_URL", "http://127.0.0.1:9/")
    uv = checkout.parent / "bin" / "uv"
    working = uv.read_text()
    failing = 'case "$*" in --version) echo "uv 0.13.9";; *) exit 2;; esac'
    uv.write_text(f"#!/bin/sh\n{failing}\n")
    with pytest.raises(script("steps").SetupError) as caught:
        sync(checkout)
    assert "could not install .venv" in str(caught.value)
    assert "There is no way to http://127.0.0.1:9/" in str(caught.value)
    assert "\n" not in str(caught.value)
    uv.write_text(working)
    sync(checkout)
    assert len(calls()) == 2


@pytest.mark.parametrize(
    ("stale", "needed"),
    [
        ({".venv": "cuda", ".venv-rasa": ""}, 11),
        ({".venv": "cpu", ".venv-rasa": ""}, 6),
        ({".venv-rasa": ""}, 3),
    ],
)
def test_too_little_disk_says_how_much_is_needed_and_found(
    script, tmp_path: Path, stale: dict[str, str], needed: int
) -> None:
    check = script("environments").check_disk
    check(tmp_path, stale, free=needed * 10**9)
    with pytest.raises(script("steps").SetupError) as caught:
        check(tmp_path, stale, free=needed * 10**9 - 10**8)
    expected = f"expected about {needed} GB free for {tmp_path}, found {needed - 0.1:.1f} GB"
    assert expected in str(caught.value)
    assert ("TORCH=cpu" in str(caught.value)) is ("cuda" in stale.values())


def test_what_is_there_already_needs_no_disk(script, tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    script("environments").check_disk(tmp_path, {".venv": "cuda"}, free=0)
