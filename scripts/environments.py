"""The two virtual environments, synced from the one lock."""

import hashlib
import os
import shutil
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import pythons
import torch_choice
from steps import Command, SetupError, run, tell
from uv_tool import ensure_uv

APP = ".venv"
RASA = ".venv-rasa"
STAMP = "amends-synced"
PROBE_URL = "https://pypi.org/simple/"
# Measured sizes, rounded up. PyPI's PyTorch for Linux brings its CUDA libraries along.
NEEDED_GB = {(APP, torch_choice.CPU): 3, (APP, torch_choice.CUDA): 8, (RASA, ""): 3}


def sync(root: Path, environ: Mapping[str, str] = os.environ) -> None:
    """Bring both environments to what the lock says; nothing happens when they are there already.

    Raises:
        SetupError: something is missing that only a person can provide.
    """
    choice = torch_choice.choose(environ, root)
    wanted = {APP: choice, RASA: ""}
    stale = {name: kind for name, kind in wanted.items() if not is_synced(root, name, kind)}
    if not stale:
        return
    check_disk(root, stale)
    torch_choice.remember(choice, root)
    uv = ensure_uv(root)
    for name, kind in stale.items():
        tell(f"syncing {name} from uv.lock" + (f" (PyTorch for {kind})" if kind else ""))
        (root / name / STAMP).unlink(missing_ok=True)
        _sync_one(uv, root, name, kind, environ)
        (root / name / STAMP).write_text(fingerprint(root, kind))


def is_synced(root: Path, name: str, kind: str) -> bool:
    """Whether that environment was synced from this very lock, in this very folder."""
    stamp = root / name / STAMP
    if not (root / name / "bin" / "python").exists() or not stamp.exists():
        return False
    return stamp.read_text() == fingerprint(root, kind)


def fingerprint(root: Path, kind: str) -> str:
    """Hash of all that decides what is in an environment.

    The folder counts, because programs in an environment carry its path.
    """
    digest = hashlib.sha256(f"{root}\n{kind}\n".encode())
    for name in ("uv.lock", "pyproject.toml"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def check_disk(root: Path, stale: Mapping[str, str], free: int | None = None) -> None:
    """Refuse to fill the disk.

    Args:
        root: The checkout.
        stale: Environments to sync, with the kind of PyTorch for the app's; only those that are
            not there yet count.
        free: Free bytes; measured when left out.

    Raises:
        SetupError: too little room.
    """
    new = [(name, kind) for name, kind in stale.items() if not (root / name).exists()]
    needed = sum(NEEDED_GB[one] for one in new)
    found = (shutil.disk_usage(root).free if free is None else free) / 1e9
    if found < needed:
        hint = " (or `make run TORCH=cpu`, which needs 5 GB less)" if (APP, "cuda") in new else ""
        raise SetupError(
            f"expected about {needed} GB free for {root}, found {found:.1f} GB; "
            f"make room{hint} and start again"
        )


def _sync_one(uv: Path, root: Path, name: str, kind: str, environ: Mapping[str, str]) -> None:
    env = {**environ, "UV_PROJECT_ENVIRONMENT": str(root / name)}
    env.pop("VIRTUAL_ENV", None)  # another activated environment is none of uv's business here
    sync: Command = [uv, "--project", root, "sync", "--frozen"]
    if name == RASA:
        rasa = ["--only-group", "rasa", "--python", str(pythons.rasa_python(uv, env))]
        _uv([*sync, *rasa], env, name)
        return
    app = ["--group", "app", "--group", "dev", "--python", str(pythons.app_python())]
    if kind == torch_choice.CUDA:
        _uv([*sync, *app], env, name)
    else:
        _sync_without_cuda(uv, [*sync, *app], root, env)


def _sync_without_cuda(uv: Path, sync: Command, root: Path, env: Mapping[str, str]) -> None:
    lock = (root / "uv.lock").read_text()
    version = torch_choice.locked_version(lock)
    source = torch_choice.cpu_source(version, sys.version_info[:2], env)  # may refuse: so first
    names = torch_choice.cuda_packages(lock)
    _uv([*sync, *(f"--no-install-package={name}" for name in names)], env, APP)
    pip: Command = [uv, "pip", "install", "--python", root / APP / "bin" / "python"]
    wheel = f"torch=={version}+cpu"
    hint = f"{wheel} (from {source[-1]}; AMENDS_TORCH_CPU_FROM names another folder or index)"
    _uv([*pip, "--no-deps", wheel, *source], env, hint)


def _uv(command: Command, env: Mapping[str, str], what: str) -> None:
    if run(command, env):
        return
    words = " ".join(str(word) for word in command[1:4])
    raise SetupError(f"could not install {what}: `uv {words} …` failed, see above. {_advice()}")


def _advice() -> str:
    try:
        urllib.request.urlopen(PROBE_URL, timeout=5).close()
    except OSError as error:
        return f"There is no way to {PROBE_URL} ({error}): check the network, or set HTTPS_PROXY"
    return f"{PROBE_URL} answers, so the network is there; start again, uv keeps what it has"
