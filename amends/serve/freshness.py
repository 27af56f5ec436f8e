"""Whether a built thing still fits what it was built from.

Contents decide, not dates: a fresh clone or a touched file rebuilds nothing, a changed byte does.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from amends.serve.errors import ServeError


def fingerprint(inputs: Mapping[str, Path], setting: str = "") -> str:
    """Hash of the contents of files and of all files in folders.

    Args:
        inputs: File or folder by a name that does not depend on where the checkout lies.
        setting: Whatever else decides what is built.

    Raises:
        ServeError: an input is missing.
    """
    digest = hashlib.sha256(setting.encode())
    for name, path in sorted(inputs.items()):
        if not path.exists():
            raise ServeError(f"expected {name} at {path}, found nothing there; is this a checkout?")
        for file in sorted(_files(path)):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            digest.update(f"\n{name}/{file.relative_to(path).as_posix()} {content}".encode())
    return digest.hexdigest()


def is_fresh(product: Path, found: str) -> bool:
    """Whether the product is there and was recorded with that very fingerprint."""
    stamp = _stamp(product)
    return product.exists() and stamp.exists() and stamp.read_text() == found


def record(product: Path, found: str) -> None:
    """Note beside the product what it was built from."""
    _stamp(product).write_text(found)


def forget(product: Path) -> None:
    """Drop that note, so that a build that breaks off leaves nothing that looks fresh."""
    _stamp(product).unlink(missing_ok=True)


def _stamp(product: Path) -> Path:
    return product.with_name(f"{product.name}.inputs")


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for file in path.rglob("*"):
        if file.is_file() and not _is_noise(file.relative_to(path).parts):
            yield file


def _is_noise(parts: Iterable[str]) -> bool:
    return any(part == "__pycache__" or part.startswith(".") for part in parts)
