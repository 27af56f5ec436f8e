"""The page of the benchmark: our figure beside theirs, with its spread."""

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
import transformers
from jinja2 import Environment, StrictUndefined

from finetune.bench.cross_validate import PRECISIONS, Fold
from finetune.bench.protocols import PROTOCOLS, Protocol
from finetune.measures import Figure
from nlu.scoring_model import Precision

PAGE = Path(__file__).with_name("quality.md.j2")


def by_fold(protocol: Protocol, folds: Sequence[Fold], precision: Precision) -> list[float]:
    """The measure on each fold."""
    return [
        protocol.measure(np.asarray(fold.truth, float), np.asarray(fold.found[precision], float))
        for fold in folds
    ]


def protocol_rows(results: Mapping[str, Sequence[Fold]]) -> list[dict[str, object]]:
    """One row of the table a protocol."""
    return [_row(p, results[p.name]) for p in PROTOCOLS if p.name in results]


def _row(protocol: Protocol, folds: Sequence[Fold]) -> dict[str, object]:
    values = {name: by_fold(protocol, folds, name) for name in PRECISIONS}
    mean = {name: float(np.mean(found)) for name, found in values.items()}
    return {
        "protocol": protocol,
        "mean": mean["fp32"],
        "sd": float(np.std(values["fp32"])),
        "least": min(values["fp32"]),
        "most": max(values["fp32"]),
        "rows": sum(len(fold.truth) for fold in folds),
        "folds": len(folds),
        "int8": mean["int8"],
        "change": 100 * (mean["int8"] - mean["fp32"]),
        "seconds": sum(fold.seconds for fold in folds),
        "verdict": _verdict(protocol, mean["fp32"]),
    }


def _verdict(protocol: Protocol, value: float) -> str:
    if value >= protocol.aim:
        return "aim reached"
    return "floor reached" if value >= protocol.floor else "under the floor"


def machine() -> str:
    """What the figures were measured on."""
    versions = f"torch {torch.__version__}, transformers {transformers.__version__}"
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return f"{os.cpu_count()} cores ({platform.machine()}), {gpu}, {versions}"


def render(parts: Mapping[str, object]) -> str:
    """Write the page.

    Args:
        parts: What was measured, by the names that the template uses.
    """
    # Markdown for people, made of our own figures.
    environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701
    environment.filters["figure"] = _figure
    return environment.from_string(PAGE.read_text("utf-8")).render(parts) + "\n"


def _figure(value: Figure) -> str:
    return f"{value.value:.3f} | {value.low:.3f} – {value.high:.3f} | {value.rows}"
