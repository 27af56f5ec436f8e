"""Whether a processor computes in bfloat16 in hardware."""

from typing import Literal

import torch


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
