"""Averages several adapters into one, which costs no more than one to serve."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from nlu.adapter import CONFIG_FILE, ENCODER_FOLDER, HEADS_FILE, LORA_FILE, check_target
from nlu.base_model import WEIGHTS
from nlu.manifest import UNSET, AdapterError, Manifest, read_manifest, write_manifest

WEIGHT_FILES = {
    "lora": (LORA_FILE, HEADS_FILE),
    "rslora": (LORA_FILE, HEADS_FILE),
    "head_only": (HEADS_FILE,),
    "full": (f"{ENCODER_FOLDER}/{WEIGHTS}", HEADS_FILE),
}
"""What can be averaged, by method. What DoRA and AdaLoRA add to a weight is no product of two
matrices alone, so it cannot be averaged like this."""

State = dict[str, dict[str, Tensor]]
"""Tensors by weight file and name."""


def soup(adapters: Sequence[Path]) -> State:
    """The uniform average of adapters (Wortsman et al. 2022, https://arxiv.org/abs/2203.05482).

    What is averaged is what LoRA adds to each weight, B A: the mean of the Bs times the mean of the
    As is something else, unless all began alike. The mean of the products has a higher rank than
    each; it is cut to theirs, the closest that there is (Eckart & Young 1936).

    Args:
        adapters: Folders of two adapters or more, of one base, method, configuration and heads.

    Returns:
        What their weight files would hold, in the form that they have.

    Raises:
        AdapterError: fewer than two; one that is broken, or unlike the first; a method of which
            there is no average.
    """
    if len(adapters) < 2:  # noqa: PLR2004
        raise AdapterError(
            f"soup: expected two adapters or more, found {len(adapters)}. Train more, with other "
            "seeds."
        )
    for other in adapters:
        _check_alike(adapters[0], other)
    files = WEIGHT_FILES[read_manifest(adapters[0]).method]
    return {file: _average([folder / file for folder in adapters]) for file in files}


def save_soup(adapters: Sequence[Path], folder: Path) -> None:
    """Write the average of adapters as an adapter, its thresholds and metrics still unset.

    Raises:
        AdapterError: as `soup`, or the folder holds something else.
    """
    check_target(folder)
    state = soup(adapters)
    manifests = [read_manifest(adapter) for adapter in adapters]
    first = manifests[0]
    changes = {"name": folder.name, "version": _version(state), "thresholds": UNSET}
    changes |= {
        "temperatures": {},
        "shifts": {},
        "metrics": {},
        "data_sha256": _all_data(manifests),
    }
    versions = [manifest.version for manifest in manifests]
    changes["training"] = {"soup": versions, "of": [one.training for one in manifests]}
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".writing-") as name:
        draft = shutil.copytree(
            adapters[0], Path(name) / "adapter", ignore=shutil.ignore_patterns("README.md")
        )
        for file, tensors in state.items():
            save_file(tensors, draft / file, metadata={"format": "pt"})
        write_manifest(first.model_copy(update=changes), draft)
        if folder.exists():
            shutil.rmtree(folder)
        draft.rename(folder)


def _all_data(manifests: Sequence[Manifest]) -> dict[str, str]:
    """What any of them was trained on; a file that changed in between stands there twice."""
    found: dict[str, str] = {}
    for manifest in manifests:
        for name, digest in manifest.data_sha256.items():
            known = found.get(name, digest)
            found[name if known == digest else f"{name}, as {manifest.version} read it"] = digest
    return found


def _check_alike(first: Path, other: Path) -> None:
    expected, found = _traits(first), _traits(other)
    for trait, value in expected.items():
        if found[trait] != value:
            raise AdapterError(
                f"adapter {other}: expected {trait} {value} as {first} has, found {found[trait]}. "
                "Average adapters that were trained with one configuration, but for the seed."
            )
    if expected["method"] not in WEIGHT_FILES:
        raise AdapterError(
            f"adapter {first}: expected a method out of {', '.join(WEIGHT_FILES)}, found "
            f"{expected['method']}, whose weights have no average. Train with one of those."
        )


def _traits(folder: Path) -> dict[str, object]:
    manifest = read_manifest(folder)
    traits: dict[str, object] = {"base": manifest.base_sha256, "method": manifest.method}
    if LORA_FILE in WEIGHT_FILES.get(manifest.method, ()):
        config = _config(folder / CONFIG_FILE)
        traits |= {"rank": config["r"], "alpha": config["lora_alpha"]}
        traits["target modules"] = sorted(config["target_modules"])
    return {**traits, "heads": {n: (spec.kind, *spec.labels) for n, spec in manifest.heads.items()}}


def _config(path: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise AdapterError(
            f"{path}: expected PEFT's configuration as JSON, found: {error}. Leave that adapter "
            "out, or train it again with `amends train`."
        ) from error
    return config


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise AdapterError(
            f"{path}: expected weights as safetensors, found: {error}. Leave that adapter "
            "out, or train it again with `amends train`."
        ) from error


def _average(paths: Sequence[Path]) -> dict[str, Tensor]:
    states = [_read(path) for path in paths]
    for path, state in zip(paths, states, strict=True):
        _check_shapes(path, paths[0], state, states[0])
    mean = {
        n: torch.stack([s[n] for s in states]).float().mean(0).to(w.dtype)
        for n, w in states[0].items()
    }
    for name in states[0]:
        if ".lora_A." in name:
            partner = name.replace(".lora_A.", ".lora_B.")
            mean[name], mean[partner] = _mean_product(
                [state[name] for state in states], [state[partner] for state in states]
            )
    return mean


def _check_shapes(
    path: Path, first: Path, found: dict[str, Tensor], expected: dict[str, Tensor]
) -> None:
    odd = {n for n in found.keys() | expected if _shape(found, n) != _shape(expected, n)}
    if odd:
        raise AdapterError(
            f"{path}: expected the weights that {first} has, found {len(odd)} others, as "
            f"{min(odd)}. Leave that adapter out, or train it again with `amends train`."
        )


def _shape(state: dict[str, Tensor], name: str) -> torch.Size | None:
    return state[name].shape if name in state else None


def _mean_product(downs: Sequence[Tensor], ups: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """The A and B of the first rank whose product B A is closest to the mean of the products."""
    rank = downs[0].shape[0]
    # Σ BᵢAᵢ is [B₁ B₂ …] [A₁; A₂; …]: two thin matrices, whose SVD needs no full-size product.
    left, upper = torch.linalg.qr(torch.cat([*ups], dim=1) / len(ups))
    right, lower = torch.linalg.qr(torch.cat([*downs]).T)
    u, values, v = torch.linalg.svd(upper @ lower.T)
    roots = values[:rank].sqrt()
    down, up = (right @ v[:rank].T * roots).T, left @ u[:, :rank] * roots
    return down.contiguous(), up.contiguous()


def _version(state: State) -> str:
    """The first 12 hexadecimal digits of a hash of all weights."""
    digest = hashlib.sha256()
    for _, tensors in sorted(state.items()):
        for _, tensor in sorted(tensors.items()):
            digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()[:12]
