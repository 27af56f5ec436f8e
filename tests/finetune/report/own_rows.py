"""Sentences of our own, and an adapter that has learnt nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest
import torch

from finetune import measures
from finetune.report import groups
from nlu.adapter import save_adapter
from nlu.base_model import WHEEL_MODEL, weights_sha256
from nlu.heads import HeadSpec
from nlu.manifest import Manifest, Thresholds
from nlu.scoring_model import ScoringModel, load_encoder

# Words that no other text holds, so that a message that gets into a report is found there.
THINGS = ["zorblat", "quimpel", "frandolin", "wexter", "plomkin", "yarvick", "snudge", "trimbol"]
BAD = [
    "the {} broke after one day and I am really angry",
    "worst {} I ever bought, NOT WORTH the money",
    "my {} never arrived and nobody answers me",
    "oh great, another {} that does not work",
]
CALM = ["is the {} in stock", "how long is the {}", "the {} is on the table"]
GOOD = ["I love the {}, thank you 😀", "great {}, works perfectly and looks lovely"]
MARKUP = "<b>toys</b> & 'games'"
SOURCE = "shop & <i>co</i>"


def filled(patterns: Sequence[str]) -> list[str]:
    return [pattern.format(thing) for thing, pattern in product(THINGS, patterns)]


def make_adapter(base: Path, folder: Path, heads: Mapping[str, HeadSpec]) -> Path:
    torch.manual_seed(2)
    model = ScoringModel(load_encoder(base, "fp32", torch.device("cpu")), heads)
    manifest = Manifest(
        name="tiny",
        version="1",
        base_model=str(base),
        base_sha256=weights_sha256(base),
        method="head_only",
        heads=dict(heads),
        temperatures={name: 2.0 for name, spec in heads.items() if spec.kind != "regression"},
        shifts={name: (0.5,) for name, spec in heads.items() if spec.kind == "probability"},
        thresholds=Thresholds(severity=0.5, similarity=0.1, margin=0.0, encoder=WHEEL_MODEL),
        data_sha256={},
        training={},
        metrics={},
    )
    save_adapter(model, manifest, folder)
    return folder


@contextmanager
def few_resamples() -> Iterator[None]:
    """Intervals are not the point where everything is measured at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measures, "RESAMPLES", 40)
        patch.setattr(groups, "RESAMPLES", 40)
        yield
