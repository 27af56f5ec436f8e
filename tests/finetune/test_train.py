"""Real training on a few messages: what it writes, and that a fresh process reads the same."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from amends.settings import ROOT, Settings
from finetune.config import load_config
from finetune.samples import DataError, Sample
from finetune.train import train
from nlu.manifest import AdapterError, read_manifest

MESSAGES = ["the tent came torn and nobody answers", "is the lamp in stock", "LOVELY desk 😍", "ok"]
METHODS = ["lora", "rslora", "dora", "adalora", "head_only", "full"]
LIMIT_BYTES = 8 * 2**20

IN_A_FRESH_PROCESS = """
import json, sys
from pathlib import Path
from nlu.classifier import Classifier
precision, base, folders, *texts = sys.argv[1:]
for folder in folders.split():
    logits = Classifier.load(Path(folder), base, precision, "cpu").logits(texts)
    print(json.dumps({name: values.tolist() for name, values in logits.items()}))
"""


def read_afresh(precision: str, base: str, folders: list[Path]) -> list[dict[str, Tensor]]:
    """Logits of `MESSAGES` by each adapter, in a process that trained none of them."""
    arguments = [precision, base, " ".join(map(str, folders)), *MESSAGES]
    script = [sys.executable, "-c", IN_A_FRESH_PROCESS, *arguments]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=True)
    return [
        {name: torch.tensor(values) for name, values in json.loads(line).items()}
        for line in done.stdout.splitlines()
    ]


def assert_equal(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert set(found) == set(expected)
    for name, values in expected.items():
        torch.testing.assert_close(found[name], values, atol=1e-5, rtol=0)


def test_a_fresh_process_scores_as_the_trained_model_did(trained, settings: Settings) -> None:
    """Heads that PEFT left out of what it saves would come back random here."""
    [found] = read_afresh("int8", settings.base_model, [trained.folder])
    assert_equal(found, trained.in_memory.logits(MESSAGES))


def test_so_it_is_with_every_method(train_tiny, make_config, tiny_settings: Settings) -> None:
    runs = [train_tiny(make_config(adapter={"method": m, "rank": 4})) for m in METHODS]
    found = read_afresh("fp32", tiny_settings.base_model, [run.folder for run in runs])
    for run, logits in zip(runs, found, strict=True):
        assert_equal(logits, run.in_memory.logits(MESSAGES))
    assert len({run.manifest.version for run in runs}) == len(METHODS)
    assert [read_manifest(run.folder).method for run in runs] == METHODS


def test_the_adapter_is_four_small_files(trained) -> None:
    sizes = {path.name: path.stat().st_size for path in trained.folder.iterdir()}
    assert set(sizes) == {
        "adapter_config.json",
        "adapter_model.safetensors",
        "heads.safetensors",
        "manifest.json",
    }
    assert sum(sizes.values()) < LIMIT_BYTES


def test_every_lora_matrix_has_moved(trained) -> None:
    """B starts at zero: a matrix that stayed there was never on the way to the loss."""
    weights = load_file(trained.folder / "adapter_model.safetensors")
    still = [name for name, weight in weights.items() if "lora_B" in name and not weight.any()]
    assert still == []


def test_the_manifest_says_what_it_was_made_of(trained) -> None:
    manifest = read_manifest(trained.folder)
    assert manifest == trained.manifest
    sources = load_config().sources
    files = [name for source in sources for name in (source.path, source.more_labels) if name]
    named = {name.rpartition(":")[2] for name in files}
    assert set(manifest.data_sha256) == {*named, "complaint_labels.csv"}
    assert manifest.heads == load_config().specs
    assert manifest.training["precision"] == "int8"
    assert manifest.training["processes"] == 1
    assert len(manifest.version) == 12


def test_before_thresholds_are_chosen_nothing_escalates(trained) -> None:
    assert trained.manifest.thresholds.severity == 1.0
    assert trained.manifest.thresholds.similarity == 1.0


def test_it_learns(train_tiny, make_config, rows: list[Sample]) -> None:
    """Not good figures, which need the data: only that more steps tell bad from good."""
    stages = [{"sources": {"own": 1}, "epochs": 8}]
    rates = {"learning_rate": 5e-3, "head_learning_rate": 1e-2}
    trained = train_tiny(make_config(stages=stages, **rates))
    bad, good = trained.in_memory.probabilities(
        ["worst tent I ever bought, a waste of money", "I love the tent, thank you"]
    )
    assert bad["valence"][0] < -0.2 < 0.2 < good["valence"][0]
    assert bad["complaint"][0] > 0.5 > good["complaint"][0]
    assert bad["polarity"][0] > 0.5 > good["polarity"][0]


def test_nothing_that_is_tested_is_learnt(train_tiny, make_config, rows: list[Sample]) -> None:
    """Other rows for the test, other words in them: the same weights."""
    tested = [Sample(f"unheard of {n}", "own", "", "test", {"valence": 1.0}) for n in range(9)]
    versions = [
        train_tiny(make_config(), samples=s).manifest.version for s in (rows, rows + tested)
    ]
    assert versions[0] == versions[1]


@pytest.mark.parametrize("head", ["polarity", "escalate"])
def test_a_head_without_two_kinds_of_labels_is_refused(
    head: str, train_tiny, make_config, rows: list[Sample]
) -> None:
    heads = {"polarity": {"kind": "classes", "labels": ["negative", "neutral", "positive"]}}
    bad = [row for row in rows if row.labels["polarity"] == 0]
    if head == "escalate":
        heads, bad = {"escalate": {"kind": "probability"}, **heads}, rows
    config = make_config(heads=heads)
    with pytest.raises(DataError, match=rf"^head {head}: expected labels of two or more kinds"):
        train_tiny(config, samples=bad)


def test_an_output_that_would_be_lost_is_refused_before_training(
    make_config, rows: list[Sample], settings: Settings, tmp_path: Path, monkeypatch
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    monkeypatch.setattr("finetune.train.fit", lambda *_: pytest.fail("training began"))
    with pytest.raises(AdapterError, match=r"expected a new folder .* Choose another --output"):
        train(rows, tmp_path, settings, make_config(), {})
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
