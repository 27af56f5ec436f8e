"""Small label files of our own sentences, and an adapter really trained on them, once."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from amends.settings import Settings, load_settings
from finetune import train as train_module
from finetune.config import TrainConfig
from finetune.train import train
from nlu.adapter import Manifest
from nlu.base_model import find_base
from nlu.classifier import Classifier
from nlu.scoring_model import ScoringModel

THINGS = ["kettle", "lamp", "jacket", "phone case", "desk", "bike light", "blender", "tent"]
BAD = [
    "the {} broke after one day and I am really angry",
    "worst {} I ever bought, a waste of money",
    "my {} never arrived and nobody answers me",
    "you charged me twice for the {}, this is a disgrace",
]
CALM = ["is the {} in stock", "the {} is on the table", "how long is the {}"]
GOOD = ["I love the {}, thank you", "great {}, works perfectly and looks lovely"]
CATEGORIES = ["damaged_or_defective", "damaged_or_defective", "delivery", "billing_and_payment"]

TINY = TrainConfig(epochs=1, shop_epochs=1, max_samples=64)


@dataclass(frozen=True)
class Trained:
    """A training run: what it wrote, and the model as it was in memory when it wrote it."""

    folder: Path
    manifest: Manifest
    model: ScoringModel

    @property
    def in_memory(self) -> Classifier:
        return Classifier(self.model, find_base(self.manifest.base_model), self.manifest)


def filled(patterns: Sequence[str]) -> list[str]:
    return [pattern.format(thing) for thing, pattern in product(THINGS, patterns)]


def write(path: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the four label files, small, the same on every machine."""
    folder = tmp_path_factory.mktemp("data")
    rated = [*((t, -2.5) for t in filled(BAD)), *((t, 0.1) for t in filled(CALM))]
    rated += [(t, 2.8) for t in filled(GOOD)]
    prefixes = {"amazon": "", "tweets": "well, ", "movies": "the film: "}
    for name, prefix in prefixes.items():
        rows = [(f"{n // 3}_{n % 3}", v, 0.7, prefix + t) for n, (t, v) in enumerate(rated)]
        write(folder / f"valence_{name}.csv", "id,valence,stdev,text", rows)
    tweets = [*((t, 1) for t in filled(BAD)), *((t, 0) for t in filled([*CALM, *GOOD]))]
    write(
        folder / "complaint_tweets.csv",
        "id,text,complaint,domain",
        [(1000 + n, f"@shop {text}", label, "retail") for n, (text, label) in enumerate(tweets)],
    )
    write(folder / "complaint_labels.csv", "id,text,category,polarity,intensity,escalate", labels())
    return folder


def labels() -> Iterable[Sequence[object]]:
    """Every other complaint and two in three calm ones; some cells are not agreed upon."""
    for n, text in enumerate(filled(BAD)):
        if n % 2:
            category = CATEGORIES[n % len(BAD)]
            yield 1000 + n, f"@shop {text}", category, "negative", "strong", "yes"
    for n, text in enumerate(filled([*CALM, *GOOD]), start=len(THINGS) * len(BAD)):
        if n % 3:
            yield 1000 + n, f"@shop {text}", "other", "", "weak", "no" if n % 7 else ""


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load_settings()


@pytest.fixture(scope="session")
def trained(data: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """One epoch over some sixty messages, on the default base in 8 bits."""
    folder = tmp_path_factory.mktemp("trained") / "adapter"
    models: list[ScoringModel] = []
    save = train_module.save_adapter

    def watched(model: ScoringModel, manifest: Manifest, target: Path) -> None:
        models.append(model)
        save(model, manifest, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_module, "save_adapter", watched)
        manifest = train(data, folder, settings, TINY)
    return Trained(folder, manifest, models[0])
