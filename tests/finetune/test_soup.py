"""Adapters averaged: what each weight becomes, and what is refused."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import BertConfig, BertModel

from finetune.soup import save_soup, soup
from nlu.adapter import CONFIG_FILE, HEADS_FILE, LORA_FILE, load_adapter, save_adapter
from nlu.base_model import weights_sha256
from nlu.heads import SERVED_HEADS
from nlu.manifest import AdapterError, Manifest, Method, Thresholds, read_manifest, write_manifest
from nlu.scoring_model import ScoringModel, load_encoder, with_lora

CPU = torch.device("cpu")
RANK = 4
IDS = torch.tensor([[5, 6, 7, 8], [11, 12, 0, 0]])
MASK = (IDS != 0).long()

Make = Callable[..., Path]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=30,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    BertModel(config).save_pretrained(folder)
    return folder


def model_on(base: Path, method: Method, rank: int, seed: int) -> ScoringModel:
    torch.manual_seed(seed)
    encoder = load_encoder(base, "fp32", CPU)
    if method == "full":
        for weight in encoder.parameters():
            weight.data += 0.01 * torch.randn_like(weight)
    elif method != "head_only":
        lora = LoraConfig(
            r=rank,
            lora_alpha=2 * RANK,
            target_modules="all-linear",
            exclude_modules=["pooler.dense"],
            init_lora_weights=False,
            use_rslora=method == "rslora",
            use_dora=method == "dora",
        )
        encoder = with_lora(encoder, lora)
    return ScoringModel(encoder, SERVED_HEADS).eval()


@pytest.fixture
def make(base: Path, tmp_path: Path) -> Make:
    def make_adapter(seed: int, method: Method = "lora", rank: int = RANK, sha: str = "") -> Path:
        manifest = Manifest(
            name=str(seed),
            version=f"v{seed}",
            base_model=str(base),
            base_sha256=sha or weights_sha256(base),
            method=method,
            heads=SERVED_HEADS,
            temperatures={"polarity": 1.3},
            shifts={"polarity": (0.1, -0.2, 0.1)},
            thresholds=Thresholds(severity=0.5, similarity=0.1, margin=0.0, encoder="x"),
            data_sha256={},
            training={"seed": seed},
            metrics={"old": 1},
        )
        folder = tmp_path / f"{method}-{seed}"
        save_adapter(model_on(base, method, rank, seed), manifest, folder)
        (folder / "README.md").write_text("what one of them is")
        return folder

    return make_adapter


def products(lora: dict[str, Tensor]) -> dict[str, Tensor]:
    """What LoRA adds to each weight, but for the scale."""
    return {
        name: lora[name.replace("lora_A", "lora_B")] @ lora[name]
        for name in lora
        if ".lora_A." in name
    }


@pytest.mark.parametrize("method", ["lora", "rslora"])
def test_the_soup_of_one_adapter_and_itself_is_that_adapter(method: Method, make: Make) -> None:
    adapter = make(1, method)
    state = soup([adapter, adapter])
    before = products(load_file(adapter / LORA_FILE))
    assert len(before) == 12
    for name, product in products(state[LORA_FILE]).items():
        torch.testing.assert_close(product, before[name], atol=1e-4, rtol=1e-4)


def test_what_is_averaged_is_what_lora_adds(make: Make) -> None:
    """Adapters that share their As and differ in Bs: the mean has their rank, nothing is lost."""
    adapters = [make(seed) for seed in (1, 2, 3)]
    first = load_file(adapters[0] / LORA_FILE)
    for adapter in adapters:
        own = load_file(adapter / LORA_FILE)
        shared = {n: first[n] if ".lora_A." in n else tensor for n, tensor in own.items()}
        save_file(shared, adapter / LORA_FILE)
    each = [products(load_file(adapter / LORA_FILE)) for adapter in adapters]
    for name, product in products(soup(adapters)[LORA_FILE]).items():
        mean = torch.stack([one[name] for one in each]).mean(0)
        torch.testing.assert_close(product, mean, atol=1e-4, rtol=1e-4)


def test_it_is_the_closest_of_that_rank(make: Make) -> None:
    adapters = [make(seed) for seed in (1, 2, 3)]
    each = [products(load_file(adapter / LORA_FILE)) for adapter in adapters]
    for name, product in products(soup(adapters)[LORA_FILE]).items():
        mean = torch.stack([one[name] for one in each]).mean(0)
        assert torch.linalg.matrix_rank(product) == RANK
        lost = torch.linalg.svdvals(mean)[RANK:].square().sum().sqrt()
        torch.testing.assert_close((product - mean).norm(), lost, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("method", ["lora", "head_only", "full"])
def test_heads_and_whole_encoders_are_averaged_weight_by_weight(method: Method, make: Make) -> None:
    adapters = [make(seed, method) for seed in (1, 2)]
    state = soup(adapters)
    assert set(state) == {
        "lora": {LORA_FILE, HEADS_FILE},
        "head_only": {HEADS_FILE},
        "full": {"encoder/model.safetensors", HEADS_FILE},
    }[method]  # fmt: skip
    for file in set(state) - {LORA_FILE}:
        one, two = (load_file(adapter / file) for adapter in adapters)
        for name, tensor in state[file].items():
            torch.testing.assert_close(tensor, (one[name] + two[name]) / 2)


@pytest.mark.parametrize("method", ["lora", "rslora", "head_only", "full"])
def test_a_saved_soup_loads_and_scores_as_the_mean_of_weights(
    method: Method, make: Make, base: Path, tmp_path: Path
) -> None:
    adapter = make(1, method)
    save_soup([adapter, adapter], tmp_path / "soup")
    sha = weights_sha256(base)
    found, manifest = load_adapter(tmp_path / "soup", base, sha, "fp32", CPU)
    expected, _ = load_adapter(adapter, base, sha, "fp32", CPU)
    with torch.no_grad():
        logits, same = found.eval()(IDS, MASK), expected.eval()(IDS, MASK)
    for head, values in logits.items():
        torch.testing.assert_close(values, same[head], atol=1e-3, rtol=1e-3)
    assert manifest.name == "soup"


def test_a_saved_soup_says_what_it_is_and_claims_nothing(make: Make, tmp_path: Path) -> None:
    save_soup([make(1), make(2)], tmp_path / "soup")
    manifest = read_manifest(tmp_path / "soup")
    assert manifest.training == {"soup": ["v1", "v2"], "of": [{"seed": 1}, {"seed": 2}]}
    assert (manifest.metrics, manifest.temperatures, manifest.shifts) == ({}, {}, {})
    assert manifest.thresholds.severity == 1.0
    assert len(manifest.version) == 12
    assert {path.name for path in (tmp_path / "soup").iterdir()} == {
        "manifest.json",
        CONFIG_FILE,
        LORA_FILE,
        HEADS_FILE,
    }
    save_soup([make(1), make(3)], tmp_path / "soup")
    assert read_manifest(tmp_path / "soup").version != manifest.version


def test_a_file_that_changed_between_trainings_stands_twice(make: Make, tmp_path: Path) -> None:
    folders = [make(1), make(2)]
    for folder, digest in zip(folders, ("aa", "bb"), strict=True):
        data = {"same.csv": "00", "own.csv": digest}
        write_manifest(read_manifest(folder).model_copy(update={"data_sha256": data}), folder)
    save_soup(folders, tmp_path / "soup")
    assert read_manifest(tmp_path / "soup").data_sha256 == {
        "same.csv": "00",
        "own.csv": "aa",
        "own.csv, as v2 read it": "bb",
    }


def test_what_is_no_adapter_is_not_replaced(make: Make, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "text.txt").write_text("years of work")
    with pytest.raises(AdapterError, match="expected a new folder"):
        save_soup([make(1), make(2)], tmp_path / "thesis")
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["text.txt"]


@pytest.mark.parametrize("count", [0, 1])
def test_one_adapter_is_no_soup(count: int, make: Make) -> None:
    with pytest.raises(AdapterError, match=f"expected two adapters or more, found {count}. Train"):
        soup([make(1)][:count])


@pytest.mark.parametrize(
    ("difference", "expected", "found"),
    [
        ({"sha": "0" * 64}, "base [0-9a-f]{64}", "0{64}"),
        ({"method": "rslora"}, "method lora", "rslora"),
        ({"rank": 8}, "rank 4", "8"),
    ],
)
def test_an_adapter_unlike_the_first_is_refused(
    difference: dict[str, object], expected: str, found: str, make: Make
) -> None:
    first, other = make(1), make(2, **difference)
    with pytest.raises(AdapterError) as error:
        soup([first, other])
    assert re.fullmatch(
        f"adapter {other}: expected {expected} as {first} has, found {found}. Average adapters "
        "that were trained with one configuration, but for the seed.",
        str(error.value),
    )


def test_other_heads_are_refused(make: Make) -> None:
    first, other = make(1), make(2)
    path = other / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["heads"]["complaint"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(AdapterError, match=rf"adapter {other}: expected heads .*complaint.* found"):
        soup([first, other])


def test_dora_has_no_average(make: Make) -> None:
    with pytest.raises(AdapterError, match=r"expected a method out of lora, .* found dora, whose"):
        soup([make(1, "dora"), make(2, "dora")])


@pytest.mark.parametrize("file", [LORA_FILE, HEADS_FILE, CONFIG_FILE])
def test_a_broken_adapter_is_refused(file: str, make: Make) -> None:
    first, other = make(1), make(2)
    (other / file).write_bytes((other / file).read_bytes()[:-40])
    with pytest.raises(AdapterError, match=rf"{other / file}: expected .*, found: .* Leave"):
        soup([first, other])


def test_weights_of_another_shape_are_refused(make: Make) -> None:
    first, other = make(1), make(2)
    heads = load_file(other / HEADS_FILE)
    heads["valence.weight"] = torch.zeros(1, 7)
    save_file(heads, other / HEADS_FILE)
    with pytest.raises(AdapterError, match=r"found 1 others, as valence\.weight\. Leave"):
        soup([first, other])
