"""Base, LoRA and heads: 8 bits where it says so, and only what should learn learns."""

from pathlib import Path

import pytest
import torch
from bitsandbytes.nn import Linear8bitLt
from peft import LoraConfig
from torch import nn

from amends.settings import SHIPPED_ADAPTER, SettingsError, load_settings
from nlu.adapter import load_lora
from nlu.base_model import find_base
from nlu.heads import SERVED_HEADS
from nlu.scoring_model import ScoringModel, load_encoder, pick_device, with_lora

CPU = torch.device("cpu")


def new_model(base: Path, dropout: float = 0.0) -> ScoringModel:
    lora = LoraConfig(r=4, target_modules="all-linear", exclude_modules=["pooler.dense"])
    encoder = load_encoder(base, "int8", CPU)
    return ScoringModel(with_lora(encoder, lora), SERVED_HEADS, dropout)


def test_int8_means_bitsandbytes_in_every_layer_of_the_shipped_model() -> None:
    settings = load_settings()
    base = load_encoder(find_base(settings.base_model), "int8", CPU)
    model = ScoringModel(load_lora(base, SHIPPED_ADAPTER), SERVED_HEADS)
    linear = {
        name: module
        for name, module in model.encoder.named_modules()
        if isinstance(module, nn.Linear) and "lora_" not in name
    }
    assert len(linear) == 6 * 6 + 1  # Six layers of six, and the pooler.
    assert {type(module) for module in linear.values()} == {Linear8bitLt}
    assert {module.weight.dtype for module in linear.values()} == {torch.int8}
    assert {weight.dtype for weight in model.heads.parameters()} == {torch.float32}


def test_fp32_means_no_quantized_layer(tiny_base: Path) -> None:
    encoder = load_encoder(tiny_base, "fp32", CPU)
    assert not [module for module in encoder.modules() if isinstance(module, Linear8bitLt)]
    assert {weight.dtype for weight in encoder.parameters()} == {torch.float32}


def test_only_lora_and_heads_learn(tiny_base: Path) -> None:
    model = new_model(tiny_base)
    tokens = torch.arange(100, 120).reshape(2, 10)
    logits = model(tokens, torch.ones_like(tokens))
    torch.cat([values.flatten() for values in logits.values()]).square().sum().backward()
    learns = {name for name, weight in model.named_parameters() if weight.grad is not None}
    assert learns == {name for name, weight in model.named_parameters() if weight.requires_grad}
    assert learns == {
        name for name, _ in model.named_parameters() if "lora_" in name or name.startswith("heads.")
    }
    # Two layers of six linear maps, two LoRA weights each; the pooler is not on the way.
    assert len([name for name in learns if "lora_" in name]) == 2 * 6 * 2
    assert not [name for name in learns if "pooler" in name]


def test_padding_does_not_count(tiny_base: Path) -> None:
    model = new_model(tiny_base).eval()
    tokens = torch.arange(100, 106)[None]
    padded = torch.cat([tokens, torch.zeros(1, 30, dtype=torch.long)], dim=1)
    mask = (padded > 0).long()
    alone, among = model(tokens, torch.ones_like(tokens)), model(padded, mask)
    torch.testing.assert_close(dict(alone), dict(among), atol=1e-5, rtol=0)


def test_every_token_counts(tiny_base: Path) -> None:
    model = new_model(tiny_base).eval()
    tokens = torch.arange(100, 106)[None]
    other = tokens.clone()
    other[0, -1] = 2000
    mask = torch.ones_like(tokens)
    assert not torch.allclose(model(tokens, mask)["valence"], model(other, mask)["valence"])


def test_dropout_is_for_training_alone(tiny_base: Path) -> None:
    model = new_model(tiny_base, dropout=0.5)
    model.encoder.eval()
    tokens = torch.arange(100, 106)[None]
    mask = torch.ones_like(tokens)
    model.dropout.train()
    assert not torch.equal(model(tokens, mask)["valence"], model(tokens, mask)["valence"])
    model.eval()
    torch.testing.assert_close(model(tokens, mask)["valence"], model(tokens, mask)["valence"])


def test_auto_takes_cuda_where_there_is_one() -> None:
    assert pick_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert pick_device("cpu") == CPU


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has what the test lacks")
def test_cuda_without_a_gpu_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"AMENDS_DEVICE: expected .* found no CUDA device"):
        pick_device("cuda")
