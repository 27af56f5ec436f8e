"""The model as training begins with it, and the rates at which its parts learn."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from peft import AdaLoraConfig, LoraConfig
from safetensors.torch import load_file
from torch import nn

from amends.settings import Settings
from finetune.config import AdapterConfig, ConfigError, TrainConfig
from nlu.adapter import HEADS_FILE, load_adapter, load_lora
from nlu.base_model import find_base, weights_sha256
from nlu.heads import HeadSpec
from nlu.manifest import AdapterError, Manifest, check_base, read_manifest
from nlu.quiet import quiet_loading
from nlu.scoring_model import ScoringModel, load_encoder, pick_device, with_lora

# All of an 8-bit base cannot learn; DoRA reads the base's weights, which bitsandbytes packs.
EXACT = ("full", "dora")
TARGETS: dict[str, Any] = {
    "target_modules": "all-linear",
    # BERT's pooler is not on the way to the heads; weights there would never learn.
    "exclude_modules": ["pooler.dense"],
}


def new_model(
    settings: Settings, config: TrainConfig, steps: int, start: Path | None = None
) -> ScoringModel:
    """Build the model that training begins with.

    Args:
        settings: Say which base, precision and device.
        config: How it learns.
        steps: Of the whole run, which AdaLoRA plans by.
        start: An adapter to go on from; heads that it has not got, or otherwise, are new.

    Raises:
        AdapterError: the adapter to go on from is of another base or method.
        ConfigError: the method needs a base in full precision.
    """
    base, device = find_base(settings.base_model), pick_device(settings.device)
    if config.adapter.method in EXACT and settings.precision == "int8":
        raise ConfigError(
            f"adapter.method = {config.adapter.method}: expected a base in full precision, found "
            "AMENDS_PRECISION=int8. Set it to fp32, or choose lora."
        )
    with quiet_loading():
        encoder = _encoder(base, settings, config.adapter, steps, start, device)
        model = ScoringModel(encoder, config.specs, config.dropout).to(device)
        if config.gradient_checkpointing:
            model.encoder.gradient_checkpointing_enable()  # type: ignore[operator]
            model.encoder.enable_input_require_grads()  # type: ignore[operator]
    if start:
        _take_heads(model, start, config.specs)
    return model


def _encoder(
    base: Path,
    settings: Settings,
    adapter: AdapterConfig,
    steps: int,
    start: Path | None,
    device: torch.device,
) -> nn.Module:
    if start:
        return _started(start, base, settings, adapter, device)
    encoder = load_encoder(base, settings.precision, device)
    if adapter.method == "head_only":
        return encoder.requires_grad_(False)
    if adapter.method == "full":
        _let_learn(encoder, adapter)
        return encoder
    return with_lora(encoder, lora_config(adapter, steps))


def lora_config(adapter: AdapterConfig, steps: int) -> LoraConfig:
    """PEFT's configuration of a low-rank method.

    rsLoRA: Kalajdzievski 2023, https://arxiv.org/abs/2312.03732; DoRA: Liu et al. 2024,
    https://arxiv.org/abs/2402.09353; AdaLoRA: Zhang et al. 2023, https://arxiv.org/abs/2303.10512.
    """
    common = {"lora_alpha": 2 * adapter.rank, "lora_dropout": adapter.dropout, **TARGETS}
    if adapter.method == "adalora":
        return AdaLoraConfig(
            init_r=adapter.rank,
            target_r=max(1, adapter.rank // 2),
            tinit=steps // 10,
            tfinal=steps // 3,
            deltaT=10,
            total_step=max(1, steps),
            **common,
        )
    return LoraConfig(
        r=adapter.rank,
        use_rslora=adapter.method == "rslora",
        use_dora=adapter.method == "dora",
        **common,
    )


def _started(
    start: Path, base: Path, settings: Settings, adapter: AdapterConfig, device: torch.device
) -> nn.Module:
    manifest = read_manifest(start)
    digest = weights_sha256(base)
    check_base(manifest, start, digest)
    _check_method(manifest, start, adapter)
    if manifest.method in ("full", "head_only"):
        model, _ = load_adapter(start, base, digest, settings.precision, device)
        if manifest.method == "full":
            _let_learn(model.encoder, adapter)
        else:
            model.encoder.requires_grad_(False)
        return model.encoder
    encoder = load_encoder(base, settings.precision, device)
    return load_lora(encoder, start, trained_further=True)


def _check_method(manifest: Manifest, start: Path, adapter: AdapterConfig) -> None:
    if manifest.method != adapter.method:
        raise AdapterError(
            f"adapter {start}: expected one of the method {adapter.method} to go on from, found "
            f"{manifest.method}. Set adapter.method to it, or start anew."
        )


def _let_learn(encoder: nn.Module, adapter: AdapterConfig) -> None:
    """Everything but what is not on the way to the heads, or shall stay."""
    frozen = ["pooler"] if adapter.embeddings else ["pooler", "embeddings"]
    for name, weight in encoder.named_parameters():
        weight.requires_grad = not any(part in name for part in frozen)


def _take_heads(model: ScoringModel, start: Path, specs: Mapping[str, HeadSpec]) -> None:
    known = read_manifest(start).heads
    same = [name for name, spec in specs.items() if known.get(name) == spec]
    kept = {n: w for n, w in load_file(start / HEADS_FILE).items() if n.split(".")[0] in same}
    model.heads.load_state_dict({**model.heads.state_dict(), **kept})


def parameter_groups(model: ScoringModel, config: TrainConfig, rate: float) -> list[dict[str, Any]]:
    """What learns, with its peak rate.

    Args:
        model: The model.
        config: Says the rates.
        rate: Share of them in this stage.
    """
    heads = {"params": list(model.heads.parameters()), "lr": rate * config.head_learning_rate}
    return [*_encoder_groups(model, config, rate), heads]


def _encoder_groups(model: ScoringModel, config: TrainConfig, rate: float) -> list[dict[str, Any]]:
    learning = [(n, w) for n, w in model.encoder.named_parameters() if w.requires_grad]
    if config.adapter.method != "full":
        return [{"params": [w for _, w in learning], "lr": rate * config.learning_rate}]
    layers: int = model.encoder.config.num_hidden_layers  # type: ignore[union-attr, assignment]
    decay = config.adapter.layer_decay
    return [
        {
            "params": [weight],
            "lr": rate * config.learning_rate * decay ** (layers - _depth(name)),
        }
        for name, weight in learning
    ]


def _depth(name: str) -> int:
    """0 for the embeddings, then the number of the layer."""
    _, found, rest = name.partition("layer.")
    return int(rest.split(".")[0]) + 1 if found else 0
