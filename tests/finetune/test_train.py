"""Real training on a few messages: what it changes, what it writes, and that it can be repeated."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from amends.settings import ROOT, Settings
from finetune.config import TrainConfig
from finetune.samples import OWN_MESSAGES, DataError
from finetune.train import DATA_FILES, train
from nlu.adapter import AdapterError, read_manifest
from nlu.classifier import Classifier

MESSAGES = ["the tent came torn and nobody answers", "is the lamp in stock", "LOVELY desk 😍", "ok"]
LIMIT_BYTES = 8 * 2**20

IN_A_FRESH_PROCESS = """
import json, sys
from pathlib import Path
from nlu.classifier import Classifier
folder, base, *texts = sys.argv[1:]
logits = Classifier.load(Path(folder), base, "int8", "cpu").logits(texts)
print(json.dumps({name: values.tolist() for name, values in logits.items()}))
"""


def load(folder: Path, settings: Settings) -> Classifier:
    return Classifier.load(folder, settings.base_model, settings.precision, "cpu")


def test_the_adapter_is_four_small_files(trained) -> None:
    sizes = {path.name: path.stat().st_size for path in trained.folder.iterdir()}
    assert set(sizes) == {
        "adapter_config.json",
        "adapter_model.safetensors",
        "heads.safetensors",
        "manifest.json",
    }
    assert sum(sizes.values()) < LIMIT_BYTES


def test_a_fresh_process_scores_as_the_trained_model_did(trained, settings: Settings) -> None:
    """Heads that PEFT left out of what it saves would come back random here."""
    trained.model.eval()
    expected = trained.in_memory.logits(MESSAGES)
    script = [sys.executable, "-c", IN_A_FRESH_PROCESS]
    arguments = [str(trained.folder), settings.base_model, *MESSAGES]
    done = subprocess.run(
        [*script, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert set(found) == set(expected)
    for name, values in expected.items():
        torch.testing.assert_close(torch.tensor(found[name]), values, atol=1e-5, rtol=0)


def test_only_the_adapter_and_the_heads_learn(trained) -> None:
    learns = {name for name, weight in trained.model.named_parameters() if weight.requires_grad}
    assert learns == {
        name
        for name, _ in trained.model.named_parameters()
        if ".lora_" in name or name.startswith("heads.")
    }
    assert not any("pooler" in name for name in learns)


def test_every_lora_matrix_has_moved(trained) -> None:
    """B starts at zero: a matrix that stayed there was never on the way to the loss."""
    weights = load_file(trained.folder / "adapter_model.safetensors")
    still = [name for name, weight in weights.items() if "lora_B" in name and not weight.any()]
    assert still == []


def test_the_manifest_says_what_it_was_made_of(trained, data: Path) -> None:
    manifest = read_manifest(trained.folder)
    assert manifest == trained.manifest
    assert set(manifest.data_sha256) == {*DATA_FILES, OWN_MESSAGES.name}
    assert manifest.training["precision"] == "int8"
    assert manifest.training["epochs"] == 1
    assert len(manifest.version) == 12


def test_before_thresholds_are_chosen_nothing_escalates(trained) -> None:
    assert trained.manifest.thresholds.severity == 1.0
    assert trained.manifest.thresholds.similarity == 1.0


@pytest.mark.parametrize(("seed", "same"), [(TrainConfig().seed, True), (7, False)])
def test_one_seed_gives_one_adapter(
    seed: int, same: bool, trained, data: Path, settings: Settings, tmp_path: Path
) -> None:
    config = TrainConfig.model_validate(
        {"epochs": 1, "shop_epochs": 1, "max_samples": 64, "seed": seed}
    )
    again = train(data, tmp_path / "again", settings, config)
    assert (again.version == trained.manifest.version) is same


def test_it_learns(data: Path, settings: Settings, tmp_path: Path) -> None:
    """Not good figures, which need the data: only that more steps tell bad from good."""
    train(
        data, tmp_path / "learnt", settings, TrainConfig(epochs=1, shop_epochs=2, max_samples=320)
    )
    bad, good = load(tmp_path / "learnt", settings).score(
        ["the worst tent, it broke and nobody answers", "a great tent, I love it"]
    )
    assert bad.valence < -0.1 < 0.1 < good.valence
    assert bad.complaint > 0.5 > good.complaint


def test_nothing_for_test_or_tune_is_trained_on(data: Path) -> None:
    from finetune.samples import all_samples, labelled_complaints
    from finetune.train import _training_split

    seen = {sample.text for sample in _training_split(data)}
    held_out = {s.text for s in all_samples(data) if s.split == "test"}
    labelled = {row.text for row in labelled_complaints(data)}
    assert held_out
    assert labelled
    # A sentence of two reviews may stand on both sides of the valence sets; a complaint may not.
    assert not seen & labelled


def test_an_output_that_would_be_lost_is_refused_before_training(
    data: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    monkeypatch.setattr("finetune.train.set_seed", lambda _: pytest.fail("training began"))
    with pytest.raises(AdapterError, match=r"expected a new folder .* Choose another --output"):
        train(data, tmp_path, settings, TrainConfig())
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_an_older_adapter_is_replaced_only_by_a_whole_one(
    data: Path, trained, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    folder = tmp_path / "adapter"
    shutil.copytree(trained.folder, folder)
    monkeypatch.setattr("nlu.adapter.save_file", _disk_full)
    with pytest.raises(OSError, match="No space left"):
        train(data, folder, settings, TrainConfig(max_samples=32, epochs=1, shop_epochs=0))
    assert read_manifest(folder) == trained.manifest
    assert [path.name for path in tmp_path.iterdir()] == ["adapter"]


def _disk_full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_no_sample_to_train_on_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from finetune.train import _training_split

    monkeypatch.setattr("finetune.train.all_samples", lambda _: [])
    with pytest.raises(DataError, match="expected samples for training, found none"):
        _training_split(data)


def test_scores_are_finite(trained) -> None:
    for score in trained.in_memory.score(MESSAGES):
        assert math.isfinite(score.valence)
        assert sum(score.polarity_probs.values()) == pytest.approx(1, abs=1e-5)
