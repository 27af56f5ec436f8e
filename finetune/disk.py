"""A full disk, told in one line."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from amends.errors import AmendsError

FULL = (errno.ENOSPC, errno.EDQUOT)
# What safetensors and torch.save make of it.
SIGNS = ("No space left", "file write failed", "unexpected pos")


class DiskFullError(AmendsError):
    """There is no room for what a run writes; says where, and how to go on."""


@contextmanager
def telling_full_disk(output: Path) -> Iterator[None]:
    """Turn what a full disk raises within into an error that says what to do.

    Args:
        output: Folder that is written to, or beside.

    Raises:
        DiskFullError: the disk is full.
    """
    try:
        yield
    except (OSError, SafetensorError, RuntimeError) as error:
        full = getattr(error, "errno", None) in FULL or any(s in str(error) for s in SIGNS)
        if not full:
            raise
        raise DiskFullError(
            f"{output}: expected room for checkpoints and the adapter, found the disk full. "
            "Make room and go on with --resume."
        ) from error
