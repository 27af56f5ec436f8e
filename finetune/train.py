"""Trains an adapter and writes it."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState

from amends.settings import Settings
from finetune.config import TrainConfig
from finetune.fit import fit
from finetune.run_folder import RunFolder
from finetune.samples import Sample, check_labels
from finetune.version import version_of
from nlu.adapter import check_target, save_adapter
from nlu.base_model import find_base, weights_sha256
from nlu.manifest import UNSET, Manifest


def train(
    samples: Sequence[Sample],
    output: Path,
    settings: Settings,
    config: TrainConfig,
    data_sha256: Mapping[str, str],
    *,
    start: Path | None = None,
    resume: bool = False,
) -> Manifest:
    """Train an adapter and write it.

    Args:
        samples: Of the splits `train` and `validation`; others are passed over.
        output: Folder of the adapter to be; replaced when it exists.
        settings: Say which base, precision and device.
        config: How to train.
        data_sha256: Of the files that the samples come from, for the manifest.
        start: An adapter to go on from.
        resume: Go on with a run that was killed.

    Returns:
        The manifest, its thresholds still unset.

    Raises:
        AdapterError: the output folder holds something else, or the start does not fit.
        DataError: nothing to learn from.
        TrainingError: memory or disk ran out.
    """
    check_target(output)
    training = [sample for sample in samples if sample.split == "train"]
    # What an adapter to go on from has learnt needs no label here.
    check_labels(training, {} if start else config.specs)
    run = RunFolder.open(output, config, data_sha256, resume=resume)
    began = time.monotonic()
    model = fit(samples, settings, config, run, start)
    manifest = Manifest(
        name=output.name,
        version=version_of(model),
        base_model=settings.base_model,
        base_sha256=weights_sha256(find_base(settings.base_model)),
        method=config.adapter.method,
        heads=config.specs,
        thresholds=UNSET,
        data_sha256=dict(data_sha256),
        training=_told(samples, settings, config, time.monotonic() - began),
        metrics={},
    )
    if PartialState().is_main_process:
        save_adapter(model, manifest, output)
        run.remove()
    PartialState().wait_for_everyone()
    return manifest


def _told(
    samples: Sequence[Sample], settings: Settings, config: TrainConfig, seconds: float
) -> dict[str, Any]:
    told: dict[str, Any] = {
        **config.model_dump(mode="json", exclude={"heads", "sources"}),
        "precision": settings.precision,
        "samples": sum(sample.split == "train" for sample in samples),
        "seconds": round(seconds),
        "threads": torch.get_num_threads(),
        "processes": PartialState().num_processes,
    }
    if torch.cuda.is_available():
        told["gpu"] = torch.cuda.get_device_name()
        told["peak_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 2)
    return told
