"""Runs the protocols, one single-threaded process a core; what is done stays done."""

import multiprocessing
import os
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from amends.settings import Settings
from finetune.bench.cross_validate import CrossValidation, Fold
from finetune.bench.protocols import Protocol

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Bench:
    """Where a benchmark reads and writes.

    Attributes:
        data: Folder with the label files.
        work: Folder for results of folds; a killed benchmark goes on from there.
        settings: Say base and device.
    """

    data: Path
    work: Path
    settings: Settings

    def run(
        self,
        protocols: Sequence[Protocol],
        folds: int | None = None,
        name: str = "protocols",
        changes: Mapping[str, Any] = NOTHING,
    ) -> dict[str, list[Fold]]:
        """Results by protocol.

        Args:
            protocols: What to measure.
            folds: Only so many folds; all when None.
            name: Of this run: results of another one are not taken for its own.
            changes: To the configurations.
        """
        runs = {
            p.name: CrossValidation(p, self.data, self.work / name, self.settings, changes)
            for p in protocols
        }
        # Two threads of one process are slower than two processes of one thread each.
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(os.cpu_count(), spawn, _one_thread) as pool:
            for done in as_completed([pool.submit(run.train_shared) for run in runs.values()]):
                done.result()
            jobs = {
                (protocol.name, number): pool.submit(_fold, runs[protocol.name], number)
                for protocol in protocols
                for number in range(min(folds or protocol.folds, protocol.folds))
            }
            return {
                protocol.name: [job.result() for (p, _), job in jobs.items() if p == protocol.name]
                for protocol in protocols
            }


def _one_thread() -> None:
    torch.set_num_threads(1)


def _fold(run: CrossValidation, number: int) -> Fold:
    file = run.work / f"{run.protocol.name}-{number}.json"
    if file.exists():
        return Fold.model_validate_json(file.read_text("utf-8"))
    fold = run.fold(number)
    file.write_text(fold.model_dump_json(), "utf-8")
    # A whole encoder is 90 MB, and nobody reads it again.
    shutil.rmtree(run.work / f"{run.protocol.name}-{number}")
    Console(stderr=True).print(f"{run.protocol.name}, fold {number}: {fold.seconds:.0f} s")
    return fold
