"""Names a set of trained weights by what is in it."""

import hashlib

from torch import nn


def version_of(model: nn.Module) -> str:
    """The first 12 hexadecimal digits of a hash of all trained weights."""
    digest = hashlib.sha256()
    for name, weight in sorted(model.named_parameters()):
        if weight.requires_grad:
            digest.update(name.encode())
            digest.update(weight.detach().cpu().numpy().tobytes())
    return digest.hexdigest()[:12]
