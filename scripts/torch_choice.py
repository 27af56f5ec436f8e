"""Which build of PyTorch the app environment gets: PyPI's, or a CPU-only one."""

import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from steps import SetupError

CPU = "cpu"
CUDA = "cuda"
MEMORY = Path(".tools") / "torch"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
CUDA_ONLY = re.compile(r"^(torch|triton|cuda-.*|nvidia-.*)$")


def choose(environ: Mapping[str, str], root: Path) -> str:
    """`cpu` or `cuda`: what AMENDS_TORCH asks for, else the last choice, else PyPI's build.

    Raises:
        SetupError: AMENDS_TORCH is neither.
    """
    wanted = environ.get("AMENDS_TORCH", "").strip().lower()
    if wanted not in ("", CPU, CUDA):
        raise SetupError(f"AMENDS_TORCH: expected `{CPU}` or `{CUDA}`, found `{wanted}`")
    if sys.platform != "linux":
        return CUDA  # only for Linux does PyPI's build bring CUDA: nothing to leave out elsewhere
    return wanted or _last_choice(root)


def remember(choice: str, root: Path) -> None:
    """Keep the choice, so that a later start without AMENDS_TORCH does not undo it.

    It is kept before anything is installed: a set-up that breaks off half way keeps it too.
    """
    (root / MEMORY).parent.mkdir(exist_ok=True)
    (root / MEMORY).write_text(choice)


def _last_choice(root: Path) -> str:
    if (root / MEMORY).exists():
        return (root / MEMORY).read_text().strip()
    by_hand = root.glob(".venv/lib/python3*/site-packages/torch-*+cpu.dist-info")
    return CPU if any(by_hand) else CUDA


def cuda_packages(lock: str) -> list[str]:
    """Names in the lock (its text) that a CPU-only environment leaves out, PyTorch among them."""
    names = {package["name"] for package in tomllib.loads(lock)["package"]}
    return sorted(name for name in names if CUDA_ONLY.match(name))


def locked_version(lock: str) -> str:
    """The version of PyTorch in the lock (its text)."""
    packages = tomllib.loads(lock)["package"]
    return next(str(package["version"]) for package in packages if package["name"] == "torch")


def cpu_source(version: str, python: tuple[int, int], environ: Mapping[str, str]) -> list[str]:
    """Arguments for uv that name where the CPU-only build comes from.

    AMENDS_TORCH_CPU_FROM is a folder of wheels or the address of a package index. Without it, a
    folder in pip's PIP_FIND_LINKS that holds the very wheel is used before PyTorch's own index.

    Raises:
        SetupError: AMENDS_TORCH_CPU_FROM is neither a folder nor an address.
    """
    wheel = f"torch-{version}+cpu-cp{python[0]}{python[1]}-*.whl"
    folders = [Path(link) for link in environ.get("PIP_FIND_LINKS", "").split()]
    offered = next((str(folder) for folder in folders if any(folder.glob(wheel))), CPU_INDEX)
    source = environ.get("AMENDS_TORCH_CPU_FROM") or offered
    if Path(source).is_dir():
        return ["--no-index", "--find-links", source]
    if source.startswith(("http://", "https://")):
        return ["--default-index", source]
    raise SetupError(
        f"AMENDS_TORCH_CPU_FROM: expected a folder or an https:// address, found `{source}`"
    )
