"""The folder of a run that is not finished: what a killed run goes on from."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from accelerate import PartialState
from safetensors.torch import save_file
from transformers.trainer import TRAINER_STATE_NAME

from amends.errors import AmendsError
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
    def of(cls, output: Path) -> Self:
        """The run of an adapter to be, begun or not."""
        return cls(output.parent / f"{output.name}.run")

    @classmethod
    def open(cls, output: Path, told: Mapping[str, Any], *, resume: bool) -> Self:
        """Begin a run, or go on with the one that was killed.

        Args:
            output: Folder of the adapter to be.
            told: All that the weights depend on, as JSON has it, by what it is called.
            resume: Go on.

        Raises:
            RunError: there is an unfinished run that nobody asked to resume, or none to resume, or
                one that was told something else.
        """
        run = cls.of(output)
        if resume:
            run._check_same(told)
        elif PartialState().is_main_process:
            run._begin(told)
        PartialState().wait_for_everyone()
        return run

    def _begin(self, told: Mapping[str, Any]) -> None:
        if any(self.path.glob(f"*/{WEIGHTS_FILE}")) or any(self.path.glob("*/checkpoint-*")):
            raise RunError(
                f"{self.path}: expected no unfinished run, found one. Add --resume to go on with "
                "it, or remove the folder to begin anew."
            )
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)
        (self.path / RUN_FILE).write_text(json.dumps(told, indent=2), "utf-8")

    def _check_same(self, told: Mapping[str, Any]) -> None:
        try:
            begun = json.loads((self.path / RUN_FILE).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(
                f"{self.path}: expected an unfinished run, found none ({error}). "
                "Leave out --resume to begin one."
            ) from error
        other = [name for name in told if begun.get(name) != told[name]]
        if other:
            raise RunError(
                f"{self.path}: expected what the run began with, found another "
                f"{', another '.join(other)}. Give the same options, files and settings again, or "
                "remove the folder to begin anew."
            )

    def stage(self, number: int) -> Path:
        """Folder of the checkpoints of a stage."""
        return self.path / f"stage-{number}"

    def checkpoint(self, number: int) -> Path | None:
        """The last whole checkpoint of a stage; one that a kill cut off is passed over."""
        found = [path for path in self.stage(number).glob("checkpoint-*") if _is_whole(path)]
        return max(found, key=lambda path: int(path.name.split("-")[1]), default=None)

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
        """Drop all of it; the adapter is finished."""
        shutil.rmtree(self.path)


def _is_whole(checkpoint: Path) -> bool:
    """Whether the file that the Trainer writes last is whole."""
    try:
        json.loads((checkpoint / TRAINER_STATE_NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return True
