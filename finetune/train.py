"""Trains an adapter and writes it."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState

from amends.settings import Settings
from finetune.config import TrainConfig
from finetune.disk import telling_full_disk
from finetune.fit import fit, join_processes
from finetune.run_folder import RunFolder
from finetune.samples import Sample, check_labels
from finetune.stages import read_in
from finetune.version import version_of
from nlu.adapter import check_target, save_adapter
from nlu.base_model import find_base, weights_sha256
from nlu.heads import HeadSpec
from nlu.manifest import UNSET, Manifest, read_manifest


def train(
    samples: Sequence[Sample],
    output: Path,
    settings: Settings,
    config: TrainConfig,
    data_sha256: Mapping[str, str],
    *,
    start: Path | None = None,
    resume: bool = False,
    keep_run: bool = False,
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
        keep_run: Keep what a resumed run needs: the adapter is written, but not finished.

    Returns:
        The manifest, its thresholds still unset.

    Raises:
        AdapterError: the output folder holds something else, or the start does not fit.
        DataError: nothing to learn from.
        DiskFullError: there is no room for a checkpoint or the adapter.
        RunError: the run cannot begin or go on.
        TrainingError: the GPU's memory ran out.
    """
    check_target(output)
    check_labels(read_in(samples, config), _new_heads(config, start))
    base_sha256 = weights_sha256(find_base(settings.base_model))
    told = _depends_on(settings, config, data_sha256, start) | {"base": base_sha256}
    join_processes(settings)
    with telling_full_disk(output):
        run = RunFolder.open(output, told, resume=resume)
        began = time.monotonic()
        model = fit(samples, settings, config, run, start)
        manifest = Manifest(
            name=output.name,
            version=version_of(model),
            base_model=settings.base_model,
            base_sha256=base_sha256,
            languages=config.languages,
            method=config.adapter.method,
            heads=config.specs,
            thresholds=UNSET,
            data_sha256=dict(data_sha256),
            training=_told(samples, settings, config, time.monotonic() - began, start),
            metrics={},
        )
        if PartialState().is_main_process:
            save_adapter(model, manifest, output)
            if not keep_run:
                run.remove()
    PartialState().wait_for_everyone()
    return manifest


def _new_heads(config: TrainConfig, start: Path | None) -> dict[str, HeadSpec]:
    """Heads that need labels: what an adapter to go on from has learnt needs none."""
    known = read_manifest(start).heads if start else {}
    return {name: spec for name, spec in config.specs.items() if known.get(name) != spec}


def _depends_on(
    settings: Settings, config: TrainConfig, data_sha256: Mapping[str, str], start: Path | None
) -> dict[str, Any]:
    return {
        "configuration": config.model_dump(mode="json"),
        "data": dict(data_sha256),
        "precision": settings.precision,
        "start": read_manifest(start).version if start else None,
    }


def _told(
    samples: Sequence[Sample],
    settings: Settings,
    config: TrainConfig,
    seconds: float,
    start: Path | None,
) -> dict[str, Any]:
    told: dict[str, Any] = {
        **config.model_dump(mode="json", exclude={"heads", "languages", "sources"}),
        "precision": settings.precision,
        "samples": sum(sample.split == "train" for sample in samples),
        "seconds": round(seconds),
        "threads": torch.get_num_threads(),
        "processes": PartialState().num_processes,
        "started_from": read_manifest(start).version if start else None,
    }
    if torch.cuda.is_available():
        told["gpu"] = torch.cuda.get_device_name()
        told["peak_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 2)
    return told
