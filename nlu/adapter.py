"""The adapter on disk: what was trained (safetensors) with a manifest."""

import json
import shutil
import tempfile
from pathlib import Path

import torch
from peft import PeftModel, get_peft_model_state_dict
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from nlu.base_model import WEIGHTS
from nlu.manifest import (
    MANIFEST_FILE,
    AdapterError,
    Manifest,
    check_base,
    read_manifest,
    write_manifest,
)
from nlu.quiet import quiet_loading
from nlu.scoring_model import Precision, ScoringModel, load_encoder

CONFIG_FILE = "adapter_config.json"
LORA_FILE = "adapter_model.safetensors"
HEADS_FILE = "heads.safetensors"
ENCODER_FOLDER = "encoder"
"""Holds a whole encoder, where all of it was trained."""


def save_adapter(model: ScoringModel, manifest: Manifest, folder: Path) -> None:
    """Write an adapter; the folder appears whole or not at all.

    Raises:
        AdapterError: the folder holds something else.
    """
    check_target(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".writing-") as name:
        draft = Path(name) / "adapter"
        draft.mkdir()
        with quiet_loading():
            _save_encoder(model, manifest, draft)
        save_file(_contiguous(model.heads.state_dict()), draft / HEADS_FILE)
        write_manifest(manifest, draft)
        if folder.exists():
            shutil.rmtree(folder)
        draft.rename(folder)


def _save_encoder(model: ScoringModel, manifest: Manifest, draft: Path) -> None:
    if manifest.method == "head_only":
        return
    if manifest.method == "full":
        model.encoder.save_pretrained(draft / ENCODER_FOLDER)  # type: ignore[operator]
        return
    # Without the embeddings, which never change: else PEFT asks the Hub about them.
    model.encoder.save_pretrained(draft, save_embedding_layers=False)  # type: ignore[operator]
    (draft / "README.md").unlink(missing_ok=True)
    _name_base(draft / CONFIG_FILE, manifest.base_model)


def check_target(folder: Path) -> None:
    """Refuse to replace anything but an adapter.

    Raises:
        AdapterError: there is a file, there or above, or a folder that holds no adapter.
    """
    above = next(parent for parent in folder.resolve().parents if parent.exists())
    if not above.is_dir():
        raise AdapterError(
            f"{folder}: expected a folder to write into, found the file {above} on the way. "
            "Choose another --output."
        )
    taken = folder.is_file() or (folder.is_dir() and any(folder.iterdir()))
    if taken and not (folder / MANIFEST_FILE).is_file():
        raise AdapterError(
            f"{folder}: expected a new folder or one that holds an adapter, found something else, "
            "which would be lost. Choose another --output."
        )


def load_adapter(
    folder: Path, base: Path, base_sha256: str, precision: Precision, device: torch.device
) -> tuple[ScoringModel, Manifest]:
    """Put an adapter on its base.

    Args:
        folder: The adapter.
        base: Folder of the base.
        base_sha256: Of the base's weights.
        precision: How the encoder is loaded.
        device: Where to.

    Returns:
        The model and the manifest that describes it.

    Raises:
        AdapterError: adapter and base do not fit, or a weight is missing, left over, not finite or
            of another shape.
    """
    manifest = read_manifest(folder)
    check_base(manifest, folder, base_sha256)
    heads = _read_tensors(folder / HEADS_FILE)
    encoder = _load_encoder(manifest, folder, base, precision, device)
    model = ScoringModel(encoder, manifest.heads)
    _check_names(folder / HEADS_FILE, set(model.heads.state_dict()), set(heads))
    _load_heads(model, heads, folder)
    return model.to(device), manifest


def _load_encoder(
    manifest: Manifest, folder: Path, base: Path, precision: Precision, device: torch.device
) -> nn.Module:
    if manifest.method == "full":
        _read_tensors(folder / ENCODER_FOLDER / WEIGHTS)  # Refuses what is broken.
        return load_encoder(folder / ENCODER_FOLDER, precision, device)
    encoder = load_encoder(base, precision, device)
    return encoder if manifest.method == "head_only" else load_lora(encoder, folder)


def load_lora(encoder: nn.Module, folder: Path, *, trained_further: bool = False) -> nn.Module:
    """Put an adapter's LoRA weights on a base.

    Args:
        encoder: The base model, as `load_encoder` gives it.
        folder: The adapter.
        trained_further: Whether the weights are to learn.

    Raises:
        AdapterError: a weight is missing, left over, not finite or of another shape.
    """
    lora = _read_tensors(folder / LORA_FILE)
    try:
        adapted = PeftModel.from_pretrained(encoder, folder, is_trainable=trained_further)
    # The last two are what PEFT says of a configuration that it does not understand.
    except (RuntimeError, ValueError, OSError, KeyError, TypeError) as error:
        raise AdapterError(
            f"adapter {folder}: its LoRA weights do not fit the base: {error!r}. "
            "Train the adapter again with `amends train`."
        ) from error
    # PEFT leaves weights that it does not find at their random start and says nothing.
    expected = get_peft_model_state_dict(adapted, save_embedding_layers=False)
    _check_names(folder / LORA_FILE, set(expected), set(lora))
    loaded: nn.Module = adapted
    return loaded


def _load_heads(model: ScoringModel, heads: dict[str, Tensor], folder: Path) -> None:
    try:
        model.heads.load_state_dict(heads)
    except RuntimeError as error:
        raise AdapterError(
            f"{folder / HEADS_FILE}: the heads have another shape: {error}. "
            "Train the adapter again with `amends train`."
        ) from error


def _name_base(path: Path, base_model: str) -> None:
    """Put the base's name where PEFT wrote the folder that it came from on this machine."""
    config = json.loads(path.read_text("utf-8"))
    config["base_model_name_or_path"] = base_model
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")


def _contiguous(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}


def _read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise AdapterError(
            f"{path}: expected weights as safetensors, found: {error}. "
            "Restore the file, or train the adapter again with `amends train`."
        ) from error
    broken = sorted(name for name, tensor in tensors.items() if not torch.isfinite(tensor).all())
    if broken:
        raise AdapterError(
            f"{path}: expected finite weights, found NaN or infinity in {', '.join(broken)}. "
            "Train the adapter again with `amends train` and a lower learning rate."
        )
    return tensors


def _check_names(path: Path, expected: set[str], found: set[str]) -> None:
    if expected != found:
        raise AdapterError(
            f"{path}: expected the weights of {len(expected)} names; missing "
            f"{sorted(expected - found)[:3]}, left over {sorted(found - expected)[:3]}. "
            "Train the adapter again with `amends train`."
        )
