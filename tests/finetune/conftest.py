"""Small label files of our own sentences, and adapters really trained on them."""

import csv
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from amends.settings import Settings, load_settings
from finetune import train as train_module
from finetune.config import TrainConfig, load_config, parse_config
from finetune.data import Data, data_sha256, read_samples
from finetune.samples import Sample, Split
from finetune.train import train
from nlu.base_model import find_base
from nlu.classifier import Classifier
from nlu.manifest import Manifest
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

SMALL: dict[str, Any] = {
    "heads": {
        "polarity": {"kind": "classes", "labels": ["negative", "neutral", "positive"]},
        "valence": {"kind": "regression"},
        "complaint": {"kind": "probability"},
    },
    "sources": [{"name": "own", "path": "own.csv", "labels": {"polarity": {}}}],
    "stages": [{"sources": {"own": 1}, "epochs": 1}],
    "adapter": {"rank": 4},
    "batch_size": 8,
    "bf16": False,
}
"""A configuration for the tiny base; `make_config` changes it."""


OWN_CONFIG = """
batch_size = 8
bf16 = false
checkpoint_steps = 3
augment = ["typos", "case"]

[adapter]
rank = 4

[heads.polarity]
kind = "classes"
labels = ["negative", "neutral", "positive"]

[heads.valence]
kind = "regression"

[[sources]]
name = "own"
path = "own.csv"
test_share = 10
validation_share = 15
about = "our own"
[sources.labels]
polarity = { column = "mood" }
valence = {}

[[stages]]
epochs = 2
sources = { own = 1 }

[[stages]]
epochs = 1
rate = 0.5
sources = { own = 2 }
"""


@dataclass(frozen=True)
class Trained:
    """A training run: what it wrote, and the model as it was in memory when it wrote it."""

    folder: Path
    manifest: Manifest
    model: ScoringModel

    @property
    def in_memory(self) -> Classifier:
        return Classifier(self.model, find_base(self.manifest.base_model), self.manifest)


Train = Callable[..., Trained]
MakeConfig = Callable[..., TrainConfig]


def filled(patterns: Sequence[str]) -> list[str]:
    return [pattern.format(thing) for thing, pattern in product(THINGS, patterns)]


def write(path: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the label files of the shipped adapter, small, the same on every machine."""
    folder = tmp_path_factory.mktemp("data")
    rated = [*((t, -2.5) for t in filled(BAD)), *((t, 0.1) for t in filled(CALM))]
    rated += [(t, 2.8) for t in filled(GOOD)]
    prefixes = {"amazon": "", "tweets": "well, ", "movies": "the film: "}
    for name, prefix in prefixes.items():
        rows = [(f"{n // 3}_{n % 3}", v, 0.7, prefix + t) for n, (t, v) in enumerate(rated)]
        write(folder / f"valence_{name}.csv", "id,valence,stdev,text", rows)
    told = [(t, 1 if n % 2 else 0) for n, t in enumerate(filled([*CALM, *GOOD]))]
    write(folder / "subjectivity.csv", "text,subjective", told)
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
def tiny_settings(tiny_base: Path, settings: Settings) -> Settings:
    """For training in seconds: two narrow layers with random weights."""
    changes = {"base_model": str(tiny_base), "precision": "fp32", "device": "cpu"}
    return settings.model_copy(update=changes)


@pytest.fixture(scope="session")
def still_settings(
    tiny_base: Path, tiny_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """The same base without dropout, so that a step is the same however it is computed."""
    folder = shutil.copytree(tiny_base, tmp_path_factory.mktemp("still") / "base")
    config = json.loads((folder / "config.json").read_text())
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (folder / "config.json").write_text(json.dumps(config))
    return tiny_settings.model_copy(update={"base_model": str(folder)})


@pytest.fixture(scope="session")
def rows() -> list[Sample]:
    """72 samples for training and 16 for validation, with the labels of `SMALL`."""
    told = [(BAD, -0.8, 0), (CALM, 0.0, 1), (GOOD, 0.8, 2)]
    return [
        Sample(
            text=f"{text}{'.' if split == 'train' else ''}",
            source="own",
            key=text,
            split=split,
            labels={"polarity": polarity, "valence": valence, "complaint": float(polarity == 0)},
        )
        for patterns, valence, polarity in told
        for n, text in enumerate(filled(patterns))
        for split in splits(n)
    ]


def splits(n: int) -> list[Split]:
    return ["train"] if n % 4 else ["train", "validation"]


@pytest.fixture(scope="session")
def make_config() -> MakeConfig:
    """Builds the small configuration with other values."""

    def make(**changes: object) -> TrainConfig:
        return parse_config({**SMALL, **changes}, "the test")

    return make


@pytest.fixture(scope="session")
def train_tiny(
    rows: list[Sample], tiny_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Train:
    """Trains on `rows`, by default on the tiny base in a folder of its own."""

    def run(config: TrainConfig, **changes: Any) -> Trained:
        folder = tmp_path_factory.mktemp("tiny") / "adapter"
        given = {"samples": rows, "output": folder, "settings": tiny_settings, "data_sha256": {}}
        return watched(config=config, **{**given, **changes})

    return run


@pytest.fixture(scope="session")
def own(rows: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop's folder: labels of its own, `own.csv`, and how to learn them, `own.toml`."""
    folder = tmp_path_factory.mktemp("own")
    names = ["negative", "neutral", "positive"]
    lines = [
        (row.text, names[int(row.labels["polarity"])], row.labels["valence"])
        for row in rows
        if row.split == "train"
    ]
    write(folder / "own.csv", "text,mood,valence", lines)
    (folder / "own.toml").write_text(OWN_CONFIG)
    return folder


@pytest.fixture
def _tiny_env(tiny_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line, and processes that a test starts, use the tiny base."""
    for name in ("base_model", "precision", "device"):
        monkeypatch.setenv(f"AMENDS_{name.upper()}", getattr(tiny_settings, name))


@pytest.fixture(scope="session")
def trained(data: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The shipped configuration on some sixty messages, on the default base in 8 bits."""
    stages = [{"sources": dict.fromkeys(read_by_default(), 1), "epochs": 1}]
    config = load_config(changes={"max_samples": 64, "stages": stages})
    where = Data(data)
    folder = tmp_path_factory.mktemp("trained") / "adapter"
    samples, digests = read_samples(config, where), data_sha256(config, where)
    return watched(
        samples=samples, output=folder, settings=settings, config=config, data_sha256=digests
    )


def read_by_default() -> list[str]:
    return [source.name for source in load_config().sources]


def watched(output: Path, **arguments: Any) -> Trained:
    """Train, and keep hold of the model that is saved."""
    models: list[ScoringModel] = []
    save = train_module.save_adapter

    def watch(model: ScoringModel, manifest: Manifest, target: Path) -> None:
        models.append(model)
        save(model, manifest, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_module, "save_adapter", watch)
        manifest = train(output=output, **arguments)
    return Trained(output, manifest, models[0].eval())
