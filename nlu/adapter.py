"""The adapter on disk: LoRA weights and heads (safetensors) with a manifest."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any

import torch
from peft import PeftModel, get_peft_model_state_dict
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from amends.errors import AmendsError
from nlu.assessment import Probability, Similarity
from nlu.heads import HEADS
from nlu.scoring_model import ScoringModel

CONFIG_FILE = "adapter_config.json"
LORA_FILE = "adapter_model.safetensors"
HEADS_FILE = "heads.safetensors"
MANIFEST_FILE = "manifest.json"


class AdapterError(AmendsError):
    """An adapter cannot be used; the message says why and what to do."""


class Thresholds(BaseModel):
    """Decision thresholds, all chosen from data by the training script.

    Attributes:
        severity: A negative message this severe goes to a person.
        similarity: Below this a message is about no category (`other`).
        margin: So much closer must the best category be than the `other` examples.
        encoder: The sentence encoder for which similarity and margin were chosen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    severity: Probability
    similarity: Similarity
    margin: Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)]
    encoder: str


class Manifest(BaseModel):
    """What an adapter is made of and made for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    base_model: str
    base_sha256: str
    heads: dict[str, list[str]]
    thresholds: Thresholds
    data_sha256: dict[str, str]
    training: dict[str, Any]
    metrics: dict[str, Any]


def head_labels() -> dict[str, list[str]]:
    """Labels of every head that this version of Amends reads, in order."""
    return {name: list(spec.labels) for name, spec in HEADS.items()}


def save_adapter(model: ScoringModel, manifest: Manifest, folder: Path) -> None:
    """Write an adapter; the folder appears whole or not at all.

    Raises:
        AdapterError: the folder holds something else.
    """
    check_target(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".writing-") as name:
        draft = Path(name) / "adapter"
        # Without the embeddings, which never change: else PEFT asks the Hub about them.
        model.encoder.save_pretrained(draft, save_embedding_layers=False)  # type: ignore[operator]
        (draft / "README.md").unlink(missing_ok=True)
        _name_base(draft / CONFIG_FILE, manifest.base_model)
        save_file(_contiguous(model.heads.state_dict()), draft / HEADS_FILE)
        (draft / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        draft.rename(folder)


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


def read_manifest(folder: Path) -> Manifest:
    """Read and validate an adapter's manifest.

    Raises:
        AdapterError: there is none, or it is not valid.
    """
    path = folder / MANIFEST_FILE
    try:
        return Manifest.model_validate_json(path.read_text("utf-8"))
    except OSError as error:
        raise AdapterError(
            f"adapter {folder}: expected {MANIFEST_FILE}, found none ({error.strerror}). "
            "Set AMENDS_ADAPTER to a folder that `amends train` wrote."
        ) from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise AdapterError(
            f"adapter {folder}: expected a valid {MANIFEST_FILE}, found: {_told(error)}. "
            "Train the adapter again with `amends train`."
        ) from error


def _told(error: ValidationError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return str(error)
    problems = error.errors()
    named = (f"{'.'.join(map(str, p['loc'])) or 'the file'}: {p['msg']}" for p in problems)
    return "; ".join(named)


def check_base(manifest: Manifest, folder: Path, found_sha256: str) -> None:
    """Refuse an adapter that was made for another base.

    Raises:
        AdapterError: the base's weights are not those that the adapter was trained on.
    """
    if manifest.base_sha256 != found_sha256:
        raise AdapterError(
            f"adapter {folder}: expected the base {manifest.base_model} with sha256 "
            f"{manifest.base_sha256}, found sha256 {found_sha256}. Set AMENDS_BASE_MODEL to that "
            "base, or train an adapter for this one with `amends train`."
        )
    if manifest.heads != head_labels():
        raise AdapterError(
            f"adapter {folder}: expected the heads {head_labels()}, found {manifest.heads}. "
            "Train the adapter again with `amends train`."
        )


def load_weights(encoder: nn.Module, folder: Path) -> ScoringModel:
    """Put an adapter's LoRA weights and heads on a base.

    Args:
        encoder: The base model, as `load_encoder` gives it.
        folder: The adapter.

    Raises:
        AdapterError: a weight is missing, left over, not finite or of another shape.
    """
    lora, heads = _read_tensors(folder / LORA_FILE), _read_tensors(folder / HEADS_FILE)
    try:
        adapted = PeftModel.from_pretrained(encoder, folder)
    # The last two are what PEFT says of a configuration that it does not understand.
    except (RuntimeError, ValueError, OSError, KeyError, TypeError) as error:
        raise AdapterError(
            f"adapter {folder}: its LoRA weights do not fit the base: {error!r}. "
            "Train the adapter again with `amends train`."
        ) from error
    # PEFT leaves weights that it does not find at their random start and says nothing.
    expected = get_peft_model_state_dict(adapted, save_embedding_layers=False)
    _check_names(folder / LORA_FILE, set(expected), set(lora))
    model = ScoringModel(adapted, encoder.config.hidden_size)  # type: ignore[union-attr, arg-type]
    _check_names(folder / HEADS_FILE, set(model.heads.state_dict()), set(heads))
    _load_heads(model, heads, folder)
    return model


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
