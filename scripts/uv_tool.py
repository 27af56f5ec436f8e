"""Finding uv, or fetching it into the checkout."""

import hashlib
import io
import json
import platform
import re
import shutil
import sys
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

from pythons import app_python
from steps import Command, SetupError, output_of, tell

PINNED = "0.13.9"
OLDEST = (0, 9)
INDEX = "https://pypi.org/simple/uv/"
TIMEOUT_S = 30


def ensure_uv(root: Path) -> Path:
    """The uv to use: PATH's when new enough, else the checkout's own, fetched when missing.

    Raises:
        SetupError: uv is not there and cannot be fetched.
    """
    own = root / ".tools" / "bin" / "uv"
    for candidate in (shutil.which("uv"), own):
        if candidate and is_new_enough(Path(candidate)):
            return Path(candidate)
    tell(f"getting uv {PINNED} into {own.relative_to(root)}")
    if not _install_with_pip(own.parent.parent):
        _download(own)
    if not is_new_enough(own):
        raise SetupError(
            f"expected a working uv at {own}, found one that does not start; remove it"
        )
    return own


def is_new_enough(uv: Path) -> bool:
    """Whether this uv starts and knows dependency groups with their own Python."""
    found = re.match(r"uv (\d+)\.(\d+)", output_of([uv, "--version"]) or "")
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST


def _install_with_pip(target: Path) -> bool:
    # pip knows the person's mirror and proxy; --target also works where the system's Python is
    # marked as externally managed (PEP 668).
    # An environment that uv made has no pip, so the Python behind it is asked.
    pip: Command = [app_python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return output_of([*pip, "--upgrade", "--target", target, f"uv=={PINNED}"]) is not None


def _download(uv: Path) -> None:
    try:
        wheel = choose_wheel(_read_index(), PINNED, platform_tag())
        content = _fetch(wheel["url"])
    except (OSError, ValueError) as error:
        raise SetupError(
            f"expected to get uv {PINNED} by pip or from {INDEX}, found: {error}. "
            "Check the network (HTTPS_PROXY, PIP_INDEX_URL) or install uv yourself: "
            "https://docs.astral.sh/uv/"
        ) from error
    unpack(content, wheel["hashes"]["sha256"], uv)


def _read_index() -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = json.loads(_fetch(INDEX))["files"]
    return files


def _fetch(url: str) -> bytes:
    accept = {"Accept": "application/vnd.pypi.simple.v1+json, */*;q=0.1"}
    # Only PyPI's index and the files that it names are opened here.
    request = urllib.request.Request(url, headers=accept)  # noqa: S310
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
        content: bytes = response.read()
    return content


def platform_tag() -> tuple[str, str]:
    """System and machine as wheels name them, such as ("manylinux", "x86_64")."""
    if sys.platform == "darwin":
        return "macosx", platform.machine()
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return libc, platform.machine()


def choose_wheel(files: list[dict[str, Any]], version: str, tag: tuple[str, str]) -> dict[str, Any]:
    """The wheel of that version for that platform, the one for the oldest system first.

    Raises:
        ValueError: there is none.
    """
    system, machine = tag
    for file in sorted(files, key=lambda file: str(file["filename"])):
        name = file["filename"]
        if not name.startswith(f"uv-{version}-") or not name.endswith(".whl"):
            continue
        platforms = name.removesuffix(".whl").split("-")[-1].split(".")
        if any(p.startswith(system) and p.endswith(machine) for p in platforms):
            return file
    raise ValueError(f"no build of uv {version} for {system} {machine}")


def unpack(wheel: bytes, sha256: str, uv: Path) -> None:
    """Write the `uv` program of a wheel to that path.

    Raises:
        SetupError: the wheel is not the one that the index describes.
    """
    found = hashlib.sha256(wheel).hexdigest()
    if found != sha256:
        raise SetupError(
            f"expected a uv wheel with sha256 {sha256}, found {found}: the download is damaged or "
            "was changed on its way. Try again, or install uv yourself: https://docs.astral.sh/uv/"
        )
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        member = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        program = archive.read(member)
    uv.parent.mkdir(parents=True, exist_ok=True)
    partial = uv.with_suffix(".part")  # an interrupted write must not look like a uv
    partial.write_bytes(program)
    partial.chmod(0o755)
    partial.replace(uv)
