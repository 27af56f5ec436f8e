"""A new domain is learnt from added labels: what is gained on it, and lost on the earlier ones."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from amends.records import Request, read_records
from amends.settings import Settings
from finetune.bench.cross_validate import fold_of
from finetune.bench.protocols import PROTOCOLS
from finetune.config import TrainConfig, load_config
from finetune.data import ADDED, rehearsed
from finetune.measures import Figure, figure
from finetune.samples import Sample, without_leaks
from finetune.sources import read_source
from finetune.train import train
from nlu.classifier import Classifier
from nlu.text import clean

COMPLAINTS = next(p for p in PROTOCOLS if p.name == "complaint_tweets")
DOMAIN = "transport"
TEST_FOLD, FOLDS = 0, 5


def continual(data: Path, work: Path, settings: Settings) -> dict[str, Figure]:
    """Train without a domain, add it, and test on both before and after.

    One fifth of the complaint tweets is the test. The adapter learns those of all domains but one;
    then the other four fifths of that one are added as `amends train --add` adds labels.

    Args:
        data: Folder with the label files.
        work: Folder for what is trained.
        settings: Say base and device.

    Returns:
        Macro-F1 on the earlier domains and on the new one, before and after.
    """
    config = load_config(COMPLAINTS.config)
    rows = [row for s in config.sources for row in read_source(s, data, config.specs)]
    new = _texts_of(DOMAIN, data)
    marked = [_marked(row, new) for row in rows]
    before, after = work / "before", work / "after"
    earlier = without_leaks([row for row in marked if row.source != ADDED], "drop")
    train(earlier, before, settings, config, {})
    added = rehearsed(without_leaks(marked, "drop"), _adding(config))
    train(added, after, settings, _adding(config), {}, start=before)
    return {
        f"{where}, {when}": _measured(folder, marked, new, where, settings)
        for where in ("earlier domains", "new domain")
        for when, folder in (("before", before), ("after", after))
    }


def _texts_of(domain: str, data: Path) -> set[str]:
    path = data / "complaint_tweets.csv"
    rows = read_records(Request(path, ["text", "domain"], "Correct --data.", "See the data."))
    return {clean(row["text"], 4000) for row in rows if row["domain"] == domain}


def _marked(row: Sample, new: set[str]) -> Sample:
    if row.source != COMPLAINTS.source:
        return replace(row, split="train")
    if fold_of(row.key, FOLDS) == TEST_FOLD:
        return replace(row, split="test")
    return replace(row, split="train", source=ADDED if row.text in new else row.source)


def _adding(config: TrainConfig) -> TrainConfig:
    last = config.stages[-1]
    changes: dict[str, Any] = {"sources": {**last.sources, ADDED: 1}, "epochs": 3, "rate": 0.4}
    return config.model_copy(update={"stages": (last.model_copy(update=changes),)})


def _measured(
    folder: Path, rows: list[Sample], new: set[str], where: str, settings: Settings
) -> Figure:
    wanted = where == "new domain"
    tests = [row for row in rows if row.split == "test" and (row.text in new) is wanted]
    classifier = Classifier.load(folder, settings.base_model, "fp32", settings.device)
    found = classifier.probabilities([row.text for row in tests])
    decided = COMPLAINTS.decide([row[COMPLAINTS.head] for row in found])
    truth = [row.labels[COMPLAINTS.head] for row in tests]
    return figure(COMPLAINTS.measure, truth, decided.tolist())
