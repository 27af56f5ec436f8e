"""Searches for the values of a configuration with which the validation loss is least."""

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import optuna
import torch
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError
from torch.utils.data import DataLoader

from amends.errors import AmendsError
from amends.settings import Settings
from finetune.batches import Collate, TokenizedSamples
from finetune.config import TrainConfig, changed
from finetune.fit import TrainingError, fit, join_processes
from finetune.losses import masked_loss
from finetune.run_folder import RunFolder
from finetune.samples import DataError, Sample, check_labels
from finetune.search_space import Space, changes_of
from finetune.stages import read_in
from nlu.base_model import find_base, weights_sha256
from nlu.scoring_model import ScoringModel, load_tokenizer

NAME = "amends"
TOLD = "told"
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
BATCH = 128
HEARTBEAT_SECONDS = 30
"""A trial that is silent for twice so long was killed."""


class StudyError(AmendsError):
    """A study cannot be begun or gone on with; says what was found and what to do."""


@dataclass(frozen=True)
class Search:
    """What is searched, and on what.

    Attributes:
        samples: Of the splits `train`, which every trial learns, and `validation`, by which trials
            are compared; others are passed over.
        settings: Say which base, precision and device.
        config: What the trials change.
        space: What they change in it.
        data_sha256: Of the files that the samples come from.
    """

    samples: Sequence[Sample]
    settings: Settings
    config: TrainConfig
    space: Space
    data_sha256: Mapping[str, str]

    def told(self) -> dict[str, Any]:
        """All that trials of one study have to share, as JSON has it."""
        return {
            "configuration": self.config.model_dump(mode="json"),
            "search": {name: values.model_dump(mode="json") for name, values in self.space.items()},
            "data": dict(self.data_sha256),
            "base": weights_sha256(find_base(self.settings.base_model)),
            "precision": self.settings.precision,
        }

    @property
    def validation(self) -> list[Sample]:
        """The rows that trials are compared by."""
        return [sample for sample in self.samples if sample.split == "validation"]


@dataclass(frozen=True)
class Tried:
    """One trial.

    Attributes:
        number: From 0, in the order in which they began.
        loss: Validation loss at its end, or where it was given up.
        pruned: Whether it was given up because others were better at the same point.
        changes: What it changed in the configuration.
    """

    number: int
    loss: float
    pruned: bool
    changes: dict[str, Any]


def tune(
    search: Search, study_file: Path, trials: int, tell: Callable[[Tried], None]
) -> list[Tried]:
    """Try values until a study has so many trials.

    Trials are chosen by a tree-structured Parzen estimator (Bergstra et al. 2011,
    https://papers.nips.cc/paper/4443), and given up where their loss is above the median of the
    others at the same step.

    Args:
        search: What is searched.
        study_file: SQLite file of the study; a search that was cut off goes on with it.
        trials: How many in all, those of earlier calls included; a killed one does not count.
        tell: Is called after each trial.

    Returns:
        All trials of the study, the best first.

    Raises:
        DataError: nothing to learn from, or nothing to compare trials by.
        StudyError: the file is no study, or one of another search.
    """
    check_labels(read_in(search.samples, search.config), search.config.specs)
    _check_validation(search)
    join_processes(search.settings)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = _open(study_file, search)
    left = trials - len(_tried(study, search.space))
    study.optimize(
        partial(_loss_of, search),
        n_trials=max(0, left),
        callbacks=[lambda _, trial: tell(_as_tried(trial, search.space))],
    )
    return _tried(study, search.space)


def _check_validation(search: Search) -> None:
    labelled = {head for sample in search.validation for head in sample.labels}
    missing = [head for head in search.config.heads if head not in labelled]
    if missing:
        raise DataError(
            f"expected rows for validation with labels of every head, found none of "
            f"{', '.join(missing)}. Raise validation_share of their sources, or give more labels."
        )


def _open(file: Path, search: Search) -> Study:
    try:
        storage = _storage(file)
        study = optuna.create_study(study_name=NAME, storage=storage, load_if_exists=True)
    except (SQLAlchemyError, optuna.exceptions.OptunaError, RuntimeError) as error:
        told = str(error.__cause__ or error).splitlines()[0]
        raise StudyError(
            f"--study {file}: expected a study of `amends tune`, or a file that can be made, "
            f"found: {told}. Choose another file."
        ) from error
    # Other chance than in the calls before, which would try the same again.
    chance = search.config.seed + len(study.trials)
    study.sampler = optuna.samplers.TPESampler(seed=chance)
    study.pruner = optuna.pruners.MedianPruner()
    _check_same(study, file, search.told())
    return study


def _storage(file: Path) -> optuna.storages.RDBStorage:
    with warnings.catch_warnings():
        # Optuna says of the heartbeat that it may change.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.storages.RDBStorage(
            f"sqlite:///{file}",
            heartbeat_interval=HEARTBEAT_SECONDS,
            grace_period=2 * HEARTBEAT_SECONDS,
        )


def _check_same(study: Study, file: Path, told: dict[str, Any]) -> None:
    begun = study.user_attrs.get(TOLD) or told
    other = [name for name in told if begun.get(name) != told[name]]
    if other:
        raise StudyError(
            f"--study {file}: expected what the study began with, found another "
            f"{', another '.join(other)}. Give the same options, files and settings again, or "
            "choose another file."
        )
    study.set_user_attr(TOLD, told)


def _loss_of(search: Search, trial: optuna.Trial) -> float:
    """Train with the values of a trial; its validation loss."""
    values = {name: space.suggest(name, trial) for name, space in search.space.items()}
    config = changed(search.config, values, "the search")

    def watch(step: int, loss: float) -> None:
        trial.report(loss, step)
        if trial.should_prune():
            raise optuna.TrialPruned

    with TemporaryDirectory(prefix="amends-trial-") as folder:
        run = RunFolder.open(Path(folder) / "trial", {}, resume=False)
        try:
            model = fit(search.samples, search.settings, config, run, watch=watch)
        except TrainingError as error:
            # Too large for the GPU: others are not.
            raise optuna.TrialPruned from error
    loss = validation_loss(model, search.validation, search.settings, config)
    if not math.isfinite(loss):
        raise optuna.TrialPruned
    return loss


def validation_loss(
    model: ScoringModel, rows: Sequence[Sample], settings: Settings, config: TrainConfig
) -> float:
    """The mean over rows of the loss that training minimises.

    Args:
        model: In memory, as training left it.
        rows: With labels of any of its heads.
        settings: Say which base, for its tokenizer.
        config: Says what the heads are, and how much each counts.
    """
    tokenizer = load_tokenizer(find_base(settings.base_model))
    collate = Collate(tokenizer, list(config.heads))
    device = next(model.heads.parameters()).device
    total = 0.0
    model.eval()
    with torch.inference_mode():
        for batch in DataLoader(TokenizedSamples(rows, tokenizer), BATCH, collate_fn=collate):
            ids, mask = batch["input_ids"].to(device), batch["attention_mask"].to(device)
            labels = {name: values.to(device) for name, values in batch["labels"].items()}
            total += float(masked_loss(model(ids, mask), labels, config.heads)) * len(ids)
    return total / len(rows)


def _tried(study: Study, space: Space) -> list[Tried]:
    finished = [_as_tried(t, space) for t in study.get_trials(states=FINISHED)]
    return sorted(finished, key=lambda one: (one.pruned, one.loss))


def _as_tried(trial: FrozenTrial, space: Space) -> Tried:
    return Tried(
        number=trial.number,
        loss=math.inf if trial.value is None else trial.value,
        pruned=trial.state == TrialState.PRUNED,
        changes=changes_of(space, trial.params),
    )
