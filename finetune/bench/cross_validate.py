"""Trains and tests one fold after another; stages that hold no test row are trained once."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from amends.settings import Settings
from finetune.bench.going_on import train_or_go_on
from finetune.bench.protocols import Protocol
from finetune.config import TrainConfig, load_config
from finetune.samples import Sample, bucket, without_leaks
from finetune.soup import save_soup
from finetune.sources import read_source
from nlu.classifier import Classifier
from nlu.scoring_model import Precision

SEED_STEP = 100
"""Between trainings of one fold: more than there are folds, so that no two share a seed."""

PRECISIONS: tuple[Precision, ...] = ("fp32", "int8")


class Fold(BaseModel):
    """What one fold gave.

    Attributes:
        truth: Labels of its test rows.
        found: By precision, what was decided on them.
        seconds: That its training took.
    """

    model_config = ConfigDict(frozen=True)

    truth: list[float]
    found: dict[Precision, list[float]]
    seconds: float


def fold_of(key: str, folds: int) -> int:
    """Where a key belongs, the same on every machine and in every order."""
    return bucket(f"fold {key}") * folds // 100


@dataclass(frozen=True)
class CrossValidation:
    """A protocol on its data.

    Attributes:
        protocol: What to measure.
        data: Folder with the label files.
        work: Folder for what is trained.
        settings: Say base and device; all of the encoder learns, so in full precision.
        changes: To the protocol's configuration.
    """

    protocol: Protocol
    data: Path
    work: Path
    settings: Settings
    changes: Mapping[str, Any]

    @property
    def config(self) -> TrainConfig:
        """How it is trained."""
        return load_config(self.protocol.config, self.changes)

    @property
    def start(self) -> Path:
        """The adapter that every fold goes on from, where some stages hold no test row."""
        return self.work / f"{self.protocol.name}-shared"

    @property
    def shared(self) -> int:
        """How many stages hold no test row; with a fixed split they are not trained apart."""
        tested = [self.protocol.source in stage.sources for stage in self.config.stages]
        return tested.index(True) if self.protocol.folds > 1 else 0

    def train_shared(self) -> None:
        """Train those stages, without any text of the tested set."""
        config = self.config
        if not self.shared or self.start.exists():
            return
        early = config.model_copy(update={"stages": config.stages[: self.shared]})
        read = {name for stage in early.stages for name in stage.sources}
        rows = [_marked(row, tested=row.source == self.protocol.source) for row in self._rows()]
        taught = {name for row in rows if row.source in read for name in row.labels}
        heads = {name: head for name, head in config.heads.items() if name in taught}
        early = early.model_copy(update={"heads": heads})
        train_or_go_on(without_leaks(rows, "drop"), self.start, self.settings, early)

    def fold(self, number: int) -> Fold:
        """Train without one fold and test on it."""
        rows = [_marked(row, tested=self._is_tested(row, number)) for row in self._rows()]
        folder = self.work / f"{self.protocol.name}-{number}"
        began = time.monotonic()
        self._train(without_leaks(rows, "drop"), folder, number)
        seconds = time.monotonic() - began
        tests = [row for row in rows if row.split == "test"]
        return Fold(
            truth=[row.labels[self.protocol.head] for row in tests],
            found={precision: self._decided(folder, precision, tests) for precision in PRECISIONS},
            seconds=seconds,
        )

    def _train(self, rows: list[Sample], folder: Path, number: int) -> None:
        """Train as often as the protocol says, and average the weights."""
        if self.protocol.seeds == 1:
            self._train_once(rows, folder, self.config.seed + number)
            return
        parts = [folder.with_name(f"{folder.name}-{k}") for k in range(self.protocol.seeds)]
        for place, part in enumerate(parts):
            self._train_once(rows, part, self.config.seed + number + SEED_STEP * place)
        save_soup(parts, folder)
        for part in parts:
            shutil.rmtree(part)

    def _train_once(self, rows: list[Sample], folder: Path, seed: int) -> None:
        own = {"stages": self.config.stages[self.shared :], "seed": seed}
        start = self.start if self.shared else None
        config = self.config.model_copy(update=own)
        train_or_go_on(rows, folder, self.settings, config, start)

    def _rows(self) -> list[Sample]:
        config = self.config
        return [row for s in config.sources for row in read_source(s, self.data, config.specs)]

    def _is_tested(self, row: Sample, number: int) -> bool:
        if row.source != self.protocol.source:
            return False
        return self.protocol.folds == 1 or fold_of(row.key, self.protocol.folds) == number

    def _decided(self, folder: Path, precision: Precision, tests: list[Sample]) -> list[float]:
        base, device = self.settings.base_model, self.settings.device
        classifier = Classifier.load(folder, base, precision, device)
        found = classifier.probabilities([row.text for row in tests])
        decided: list[float] = self.protocol.decide([r[self.protocol.head] for r in found]).tolist()
        return decided


def _marked(row: Sample, *, tested: bool) -> Sample:
    return replace(row, split="test" if tested else "train")
