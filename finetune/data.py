"""All that a run learns from and is tested on."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from amends.records import Request, read_records
from finetune.config import Stage, TrainConfig
from finetune.samples import DataError, Sample, without_leaks
from finetune.sources import LabelColumn, SourceConfig, file_sha256, read_source, resolve

ADDED = "added"


@dataclass(frozen=True)
class Data:
    """Where labels are looked for.

    Attributes:
        folder: What the paths of the configuration start from.
        files: Label files of one's own; with them the sources of the configuration are left out.
    """

    folder: Path
    files: tuple[Path, ...] = ()

    @classmethod
    def of(cls, paths: Sequence[Path]) -> "Data":
        """Tell folder and files apart.

        Raises:
            DataError: a path is neither, or there are two folders.
        """
        folders = [path for path in paths if path.is_dir()]
        files = tuple(path for path in paths if path.is_file())
        lost = [str(path) for path in paths if not path.exists()]
        if lost or len(folders) > 1:
            raise DataError(
                "--data: expected files of labels and at most one folder, found "
                f"{', '.join(lost) + ' nowhere' if lost else f'{len(folders)} folders'}. "
                "Correct --data."
            )
        return cls(folders[0] if folders else Path(), files)


def with_files(config: TrainConfig, files: Sequence[Path]) -> TrainConfig:
    """The configuration with label files of one's own in the place of its sources.

    A file has a column `text`, and for each head that it teaches a column of the head's name.
    """
    if not files:
        return config
    sources = tuple(_own_source(path, config) for path in files)
    first = config.stages[0]
    stage = Stage(sources={s.name: 1 for s in sources}, epochs=first.epochs, rate=first.rate)
    return config.model_copy(update={"sources": sources, "stages": (stage,)})


def _own_source(path: Path, config: TrainConfig, name: str = "") -> SourceConfig:
    request = Request(path, ["text"], "Correct --data.", "Name the column of messages so.")
    columns: set[str] = set()
    for record in read_records(request):
        columns.update(record)
    labels = {head: LabelColumn() for head in config.heads if head in columns}
    if not labels:
        raise DataError(
            f"{path}: expected a column named after a head ({', '.join(config.heads)}), found "
            f"{', '.join(map(repr, sorted(columns))) or 'no columns'}. Rename the columns, or map "
            "them in the sources of a configuration."
        )
    return SourceConfig(name=name or path.stem, path=str(path.resolve()), labels=labels)


def with_added(config: TrainConfig, added: Path) -> TrainConfig:
    """The configuration of a run that learns added labels and rehearses the earlier ones.

    Its one stage is as slow as the last of the configuration, and all added rows but those for
    validation are learnt.
    """
    last = config.stages[-1]
    source = _own_source(added, config, ADDED).model_copy(
        update={"test_share": 0, "validation_share": 10}
    )
    stage = last.model_copy(update={"sources": {**last.sources, ADDED: 1}})
    return config.model_copy(update={"sources": (*config.sources, source), "stages": (stage,)})


def read_samples(config: TrainConfig, data: Data) -> list[Sample]:
    """Read every source of a configuration.

    Raises:
        DataError: a label or a column is wrong, or a text is both for training and for the test.
        InputError: a file cannot be read.
    """
    specs = config.specs
    rows = [row for source in config.sources for row in read_source(source, data.folder, specs)]
    return rehearsed(without_leaks(rows, config.leaks), config)


def rehearsed(samples: Sequence[Sample], config: TrainConfig) -> list[Sample]:
    """Of the earlier training data only so much as is rehearsed beside added labels.

    Without added labels all of it.
    """
    added = sum(row.source == ADDED and row.split == "train" for row in samples)
    earlier = [row for row in samples if _is_earlier(row, config)]
    if not added:
        return list(samples)
    kept = random.Random(config.seed).sample(  # noqa: S311 - no secret
        range(len(earlier)), min(len(earlier), round(config.replay * added))
    )
    chosen = {id(earlier[place]) for place in kept}
    return [row for row in samples if not _is_earlier(row, config) or id(row) in chosen]


def _is_earlier(row: Sample, config: TrainConfig) -> bool:
    read = config.stages[-1].sources
    return row.split == "train" and row.source != ADDED and row.source in read


def data_sha256(config: TrainConfig, data: Data) -> dict[str, str]:
    """SHA-256 of each file that the sources read, or hold out, by name."""
    named = {
        name
        for source in config.sources
        for name in (source.path, source.more_labels, source.held_out)
        if name
    }
    return {_told(name): file_sha256(resolve(name, data.folder)) for name in sorted(named)}


def _told(name: str) -> str:
    # Where a machine keeps the labels of its own is nobody else's business.
    path = Path(name.rpartition(":")[2])
    return path.name if path.is_absolute() else path.as_posix()
