"""Keeps models that load or save from talking on stderr, where a reader expects problems only."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from transformers.utils import logging as transformers_logging

# What PEFT and this repository call by the names that every release of transformers has.
OLD_NAMES = "`(is_gradient_checkpointing|gradient_checkpointing_enable)` is deprecated"

# AdaLoRA takes all ranks from a layer where they are of no use.
PRUNED = ".*(LoRA tensor\\(s\\) have invalid shape|rank_pattern keys did not match)"


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Hide progress bars and remarks that neither a user nor Amends can act upon.

    Errors, and warnings of any other kind, still come through.
    """
    # Says for every layer that it casts to 16 bits, which is how int8 works.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", OLD_NAMES, FutureWarning)
            warnings.filterwarnings("ignore", PRUNED)
            yield
    finally:
        if bars:
            transformers_logging.enable_progress_bar()
