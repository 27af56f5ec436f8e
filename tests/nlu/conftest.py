"""The shipped model, loaded once, and a base small enough to break an adapter on."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig

from amends.settings import load_settings
from nlu.adapter import save_adapter
from nlu.assessor import Assessor
from nlu.base_model import WHEEL_MODEL, weights_sha256
from nlu.classifier import Classifier
from nlu.heads import SERVED_HEADS
from nlu.manifest import Manifest, Thresholds
from nlu.scoring_model import ScoringModel, load_encoder, with_lora


@pytest.fixture(scope="session")
def assessor() -> Assessor:
    """What serves: the shipped adapter, its base in 8 bits."""
    return Assessor.load(load_settings())


@pytest.fixture(scope="session")
def classifier(assessor: Assessor) -> Classifier:
    return assessor.classifier


@pytest.fixture(scope="session")
def make_tiny_model(tiny_base: Path) -> Callable[[int], ScoringModel]:
    """Builds a model on the small base whose LoRA weights do something, for a LoRA rank."""

    def make(rank: int) -> ScoringModel:
        torch.manual_seed(2)
        lora = LoraConfig(
            r=rank,
            target_modules="all-linear",
            exclude_modules=["pooler.dense"],
            init_lora_weights=False,
        )
        encoder = load_encoder(tiny_base, "fp32", torch.device("cpu"))
        return ScoringModel(with_lora(encoder, lora), SERVED_HEADS)

    return make


@pytest.fixture(scope="session")
def tiny_manifest(tiny_base: Path) -> Manifest:
    return Manifest(
        name="tiny",
        version="1",
        base_model=str(tiny_base),
        base_sha256=weights_sha256(tiny_base),
        heads=SERVED_HEADS,
        thresholds=Thresholds(severity=0.5, similarity=0.1, margin=0.0, encoder=WHEEL_MODEL),
        data_sha256={},
        training={},
        metrics={},
    )


@pytest.fixture(scope="session")
def _saved_tiny_adapter(
    make_tiny_model: Callable[[int], ScoringModel],
    tiny_manifest: Manifest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("adapters") / "tiny"
    save_adapter(make_tiny_model(4), tiny_manifest, folder)
    return folder


@pytest.fixture
def adapter(_saved_tiny_adapter: Path, tmp_path: Path) -> Path:
    """An adapter for the small base, the test's own to break."""
    return shutil.copytree(_saved_tiny_adapter, tmp_path / "adapter")
