"""Exports the sentence encoder to ONNX, so that the assistant needs no torch to read intents.

Run `python -m nlu.export FOLDER` to export the encoder that the settings name.
"""

import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import torch
import typer
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

from amends.errors import AmendsError
from amends.settings import get_settings
from nlu.base_model import find_base, weights_sha256

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "manifest.json"
OPSET = 17
MAX_TOKENS = 128
"""What a shopper wants shows in the first hundred words; a cap keeps a long message cheap."""

INPUTS = ["input_ids", "attention_mask"]
OUTPUT = "embedding"


KNOWN_WARNINGS = [
    "You are using the legacy TorchScript-based ONNX export",
    "The feature will be removed",
    "Converting a tensor to a Python boolean",
    "Exporting aten::index operator of advanced indexing",
]


class ExportError(AmendsError):
    """An encoder cannot be exported; the message says what to use instead."""


class SentenceEmbedder(nn.Module):
    """An encoder followed by the mean of its token vectors, scaled to length 1."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Embed token ids of shape (batch, tokens) as unit vectors of shape (batch, dimension)."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * weights).sum(1) / weights.sum(1).clamp(min=1)
        return nn.functional.normalize(pooled, dim=-1)


def export_encoder(encoder: str | Path, target: Path) -> Path:
    """Export a sentence encoder with its tokenizer and a manifest.

    Everything is written beside the target first and then renamed, so that a folder under the
    target's name is always a whole one; what was there before is replaced.

    Args:
        encoder: A Hub id or a folder; mean pooling is what it is used with.
        target: Folder to make. Holds `model.onnx` (token ids and attention mask in, unit vectors
            out, any batch and length), `tokenizer.json` (truncates and pads) and `manifest.json`
            (source, sha256 of the weights, max_length in tokens, dimension).

    Returns:
        The target.

    Raises:
        BaseModelError: the encoder is nowhere found.
        ExportError: its tokenizer cannot be written as one file.
    """
    folder = find_base(str(encoder))
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    try:
        _write(str(encoder), folder, draft)
        _put_in_place(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _write(source: str, folder: Path, draft: Path) -> None:
    model = AutoModel.from_pretrained(
        # Eager attention is plain matrix products, the same in every ONNX runtime.
        folder,
        attn_implementation="eager",
        dtype=torch.float32,
        use_safetensors=True,
    )
    limit = min(MAX_TOKENS, int(model.config.max_position_embeddings))
    _write_tokenizer(source, folder, limit, draft / TOKENIZER_FILE)
    _write_model(SentenceEmbedder(model).eval(), draft / MODEL_FILE)
    manifest = {
        "source": source,
        "sha256": weights_sha256(folder),
        "max_length": limit,
        "dimension": int(model.config.hidden_size),
    }
    text = json.dumps(manifest, indent=2) + "\n"
    (draft / MANIFEST_FILE).write_text(text, encoding="utf-8")


def _write_tokenizer(source: str, folder: Path, limit: int, path: Path) -> None:
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    if not tokenizer.is_fast:
        raise ExportError(
            f"encoder {source}: expected a tokenizer that fits in one tokenizer.json, found "
            f"{type(tokenizer).__name__}. Use an encoder with a fast tokenizer."
        )
    fast = tokenizer.backend_tokenizer
    # The file as published may pad every text to a fixed length: thirty times the work.
    fast.enable_padding(pad_id=tokenizer.pad_token_id, pad_token=tokenizer.pad_token)
    fast.enable_truncation(limit)
    fast.save(str(path))


def _write_model(model: nn.Module, path: Path) -> None:
    # Two texts of five tokens: a size of 1 would be traced as a constant.
    example = torch.ones(2, 5, dtype=torch.long)
    axes = {name: {0: "batch", 1: "tokens"} for name in INPUTS} | {OUTPUT: {0: "batch"}}
    with warnings.catch_warnings(), torch.inference_mode():
        # The successor of this exporter needs another package and gives the same graph. That the
        # traced graph holds for every batch and length is what the tests compare.
        for message in KNOWN_WARNINGS:
            warnings.filterwarnings("ignore", message=message)
        torch.onnx.export(
            model,
            (example, example),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=INPUTS,
            output_names=[OUTPUT],
            dynamic_axes=axes,
        )


def _put_in_place(draft: Path, target: Path) -> None:
    draft.chmod(0o755)  # A temporary folder is for its owner alone; a server may be another user.
    # A folder cannot be renamed onto one that holds files. A reader that comes in between finds
    # nothing, which it reports, never one half of each.
    old = draft.with_name(draft.name + "-old")
    if target.exists():
        target.rename(old)
    draft.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def main(target: Path) -> None:
    """Export the encoder that the settings name into the folder TARGET."""
    typer.echo(export_encoder(get_settings().encoder, target))


if __name__ == "__main__":
    typer.run(main)
