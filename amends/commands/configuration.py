"""How commands take a configuration: a file, changes to it, and where labels are."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amends.errors import AmendsError

if TYPE_CHECKING:
    from finetune.config import TrainConfig
    from finetune.data import Data


class OptionError(AmendsError):
    """An option cannot be used; names it."""


def plan(
    config: Path | None, data: Sequence[Path], changes: Mapping[str, Any]
) -> "tuple[TrainConfig, Data]":
    """The configuration with its changes, on the labels that the options name."""
    # Imported here: a command that does not train needs neither.
    from finetune.config import load_config  # noqa: PLC0415
    from finetune.data import Data, with_files  # noqa: PLC0415

    where = Data.of(data)
    return with_files(load_config(config, changes), where.files), where


def changes_of(pairs: Sequence[str], **named: object) -> dict[str, Any]:
    """What options change in the configuration.

    Args:
        pairs: KEY=VALUE, the value as JSON or as plain words.
        named: Options of their own; None where one is not given.

    Raises:
        OptionError: a pair is none.
    """
    changes = {name: value for name, value in named.items() if value is not None}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise OptionError(f"--set: expected KEY=VALUE, found {pair!r}. Such as batch_size=16.")
        changes[name.strip()] = _value(value.strip())
    return changes


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
