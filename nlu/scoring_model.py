"""Base, adapter and heads as one module, the same for training and for serving."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import torch
from peft import LoraConfig, get_peft_model
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer, BitsAndBytesConfig, PreTrainedTokenizerBase

from amends.settings import SettingsError
from nlu.heads import HeadSpec, make_heads

Precision = Literal["int8", "fp32"]
MAX_TOKENS = 128


class ScoringModel(nn.Module):
    """An encoder, its weights as they were adapted, mean pooling, and heads."""

    def __init__(
        self, encoder: nn.Module, heads: Mapping[str, HeadSpec], dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        width: int = encoder.config.hidden_size  # type: ignore[union-attr, assignment]
        self.heads = make_heads(heads, width)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
        """Score token ids of shape (batch, tokens).

        Returns:
            Logits by head, each (batch, outputs of that head).
        """
        vectors = self.dropout(self.embed(input_ids, attention_mask))
        return {name: head(vectors) for name, head in self.heads.items()}

    def embed(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Mean of the last hidden states of token ids (batch, tokens), as (batch, width)."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        # Heads stay in full precision: they are small, and 8 bits would cost them accuracy.
        weights = attention_mask.unsqueeze(-1).float()
        pooled: Tensor = (hidden.float() * weights).sum(1) / weights.sum(1).clamp(min=1)
        return pooled


def load_encoder(folder: Path, precision: Precision, device: torch.device) -> nn.Module:
    """Load a base model for scoring, its weights in 8 bits (bitsandbytes) or in full precision."""
    quantization = BitsAndBytesConfig(load_in_8bit=True) if precision == "int8" else None
    encoder: nn.Module = AutoModel.from_pretrained(
        folder,
        quantization_config=quantization,
        device_map={"": device},
        dtype=torch.float32,
        use_safetensors=True,
    )
    return encoder


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Load a base model's tokenizer."""
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(folder)
    return tokenizer


def with_lora(encoder: nn.Module, config: LoraConfig) -> nn.Module:
    """Freeze an encoder and put LoRA weights beside its own."""
    adapted: nn.Module = get_peft_model(encoder, config)
    return adapted


def pick_device(name: str) -> torch.device:
    """Turn `auto`, `cpu` or `cuda` into a device.

    Raises:
        SettingsError: `cuda` where there is none.
    """
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise SettingsError(
            "AMENDS_DEVICE: expected a device that is there, found no CUDA device. "
            "Set it to auto or cpu."
        )
    if name == "auto":
        name = "cuda" if available else "cpu"
    return torch.device(name)
