"""The folder of a run that is not finished: what a killed run goes on from."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from accelerate import PartialState
from safetensors.torch import save_file

from amends.errors import AmendsError
from finetune.config import TrainConfig
from finetune.trainer import WEIGHTS_FILE, load_trained, trained_weights
from nlu.scoring_model import ScoringModel

RUN_FILE = "run.json"


class RunError(AmendsError):
    """A run cannot begin or go on; says what was found and what to do."""


@dataclass(frozen=True)
class RunFolder:
    """Checkpoints of one run, beside the adapter that it will become."""

    path: Path

    @classmethod
    def open(
        cls, output: Path, config: TrainConfig, data_sha256: Mapping[str, str], *, resume: bool
    ) -> Self:
        """Begin a run, or go on with the one that was killed.

        Args:
            output: Folder of the adapter to be.
            config: How to train.
            data_sha256: Of the files that are trained on.
            resume: Go on.

        Raises:
            RunError: there is an unfinished run that nobody asked to resume, or none to resume, or
                one of another configuration or other data.
        """
        run = cls(output.parent / f"{output.name}.run")
        told = {"config": config.model_dump(mode="json"), "data": dict(data_sha256)}
        if resume:
            run._check_same(told)
        elif PartialState().is_main_process:
            run._begin(told)
        PartialState().wait_for_everyone()
        return run

    def _begin(self, told: dict[str, Any]) -> None:
        if any(self.path.glob(f"*/{WEIGHTS_FILE}")) or any(self.path.glob("*/checkpoint-*")):
            raise RunError(
                f"{self.path}: expected no unfinished run, found one. Add --resume to go on with "
                "it, or remove the folder to begin anew."
            )
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)
        (self.path / RUN_FILE).write_text(json.dumps(told, indent=2), "utf-8")

    def _check_same(self, told: dict[str, Any]) -> None:
        try:
            begun = json.loads((self.path / RUN_FILE).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(
                f"{self.path}: expected an unfinished run, found none ({error}). "
                "Leave out --resume to begin one."
            ) from error
        if begun != told:
            raise RunError(
                f"{self.path}: expected the configuration and the data that the run began with, "
                "found others. Give the same --config, --data and --seed, or remove the folder to "
                "begin anew."
            )

    def stage(self, number: int) -> Path:
        """Folder of the checkpoints of a stage."""
        return self.path / f"stage-{number}"

    @property
    def logs(self) -> Path:
        """Folder of metrics; it stays when the run is finished."""
        return self.path.with_suffix(".logs")

    def take_stage(self, number: int, model: ScoringModel) -> bool:
        """Put the weights of a finished stage into the model; False if it is not finished."""
        finished = (self._done(number) / WEIGHTS_FILE).is_file()
        if finished:
            load_trained(model, self._done(number))
        return finished

    def finish_stage(self, number: int, model: ScoringModel) -> None:
        """Keep the weights that a stage ended with, and drop its checkpoints."""
        if PartialState().is_main_process:
            folder = self._done(number)
            folder.mkdir(exist_ok=True)
            save_file(trained_weights(model), folder / f"{WEIGHTS_FILE}.draft")
            (folder / f"{WEIGHTS_FILE}.draft").replace(folder / WEIGHTS_FILE)
            for checkpoint in self.stage(number).glob("checkpoint-*"):
                shutil.rmtree(checkpoint)
        PartialState().wait_for_everyone()

    def _done(self, number: int) -> Path:
        return self.path / f"stage-{number}-done"

    def remove(self) -> None:
        """Drop all of it; the adapter is written."""
        shutil.rmtree(self.path)
