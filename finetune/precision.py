"""Whether a processor computes in bfloat16 in hardware, and what may stay of that."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import nn


def computes_in_bf16(wanted: bool | Literal["auto"], device: torch.device) -> bool:
    """Decide on bfloat16; without hardware for it, it would cost time instead of saving it.

    Args:
        wanted: As the configuration says.
        device: Where training runs.
    """
    if wanted != "auto":
        return wanted
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # On a server with AMX a step takes half of the time.
    return bool(torch.cpu.get_capabilities().get("amx_bf16", False))


@contextmanager
def keeping_biases(model: nn.Module) -> Iterator[None]:
    """Put the frozen biases back as they were.

    bitsandbytes rounds those of 8-bit layers to what it computes in, and leaves them so. An adapter
    is served on the exact ones.
    """
    frozen = [w for n, w in model.named_parameters() if n.endswith("bias") and not w.requires_grad]
    exact = [weight.detach().clone() for weight in frozen]
    try:
        yield
    finally:
        for weight, values in zip(frozen, exact, strict=True):
            weight.data = values
