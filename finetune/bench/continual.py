"""A new domain is learnt from added labels: what is gained on it, and lost on the earlier ones."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

from amends.settings import Settings
from finetune.bench.going_on import train_or_go_on
from finetune.bench.protocols import CONFIGS
from finetune.config import load_config
from finetune.data import Data, read_samples, with_added
from finetune.measures import Figure, figure, pearson
from finetune.samples import Sample
from nlu.classifier import Classifier

CONFIG = CONFIGS / "continual.toml"
HEAD = "valence"
NEW = "valence_movies"
"""Film reviews: told in other words, and of other things, than tweets and reviews of products."""

LABELS = 500
"""So many of them are added: what agents of a shop may correct in some months."""


def continual(data: Path, work: Path, settings: Settings) -> dict[str, Figure]:
    """Train without a domain, add labels of it as `--add` does, and test on all domains.

    Args:
        data: Folder with the label files.
        work: Folder for what is trained.
        settings: Say base and device.

    Returns:
        Pearson's r by domain: before, after, and after without a rehearsal of the earlier data.
    """
    config, folder = load_config(CONFIG), Data(data)
    rows = read_samples(config, folder)
    before, added = work / "before", work / "added.jsonl"
    train_or_go_on(rows, before, settings, config)
    write_labels(rows, config.seed, added)
    adapters = {"before": before}
    for when, replay in (("after", config.replay), ("after, without rehearsal", 0.0)):
        adding = with_added(config, added).model_copy(update={"replay": replay})
        adapters[when] = work / f"replay-{replay:g}"
        train_or_go_on(read_samples(adding, folder), adapters[when], settings, adding, before)
    return {
        f"{source.name}, {when}": _measured(adapter, rows, source.name, settings)
        for source in config.sources
        for when, adapter in adapters.items()
    }


def write_labels(rows: Sequence[Sample], seed: int, path: Path) -> None:
    """Write `LABELS` training rows of the new domain, drawn by chance, as a shop's own file."""
    new = [row for row in rows if row.source == NEW and row.split == "train"]
    chosen = random.Random(seed).sample(new, min(LABELS, len(new)))  # noqa: S311 - no secret
    lines = (json.dumps({"text": row.text, HEAD: row.labels[HEAD]}) for row in chosen)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def _measured(adapter: Path, rows: Sequence[Sample], source: str, settings: Settings) -> Figure:
    tests = [row for row in rows if row.split == "test" and row.source == source]
    classifier = Classifier.load(adapter, settings.base_model, "fp32", settings.device)
    found = classifier.probabilities([row.text for row in tests])
    return figure(pearson, [row.labels[HEAD] for row in tests], [row[HEAD][0] for row in found])
