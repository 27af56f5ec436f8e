"""How training begins: fresh or from an adapter, and at which rates."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from amends.settings import Settings
from finetune.config import ConfigError
from finetune.new_model import new_model, parameter_groups
from finetune.samples import DataError, Sample
from nlu.base_model import BaseModelError
from nlu.manifest import AdapterError

METHODS = ["lora", "rslora", "dora", "adalora", "head_only", "full"]
IDS = torch.tensor([[101, 2009, 3631, 102]])
MORE_HEADS = {
    "polarity": {"kind": "classes", "labels": ["negative", "neutral", "positive"]},
    "valence": {"kind": "regression"},
    "complaint": {"kind": "probability"},
    "escalate": {"kind": "probability"},
}


def logits(model) -> dict[str, torch.Tensor]:
    with torch.no_grad():
        found: dict[str, torch.Tensor] = model.eval()(IDS, torch.ones_like(IDS))
    return found


@pytest.mark.parametrize("method", METHODS)
def test_going_on_begins_where_the_adapter_ended(
    method: str, train_tiny, make_config, tiny_settings: Settings
) -> None:
    config = make_config(adapter={"method": method, "rank": 4})
    trained = train_tiny(config)
    wider = make_config(adapter={"method": method, "rank": 4}, heads=MORE_HEADS)
    model = new_model(tiny_settings, wider, 10, trained.folder)
    expected, found = logits(trained.model), logits(model)
    assert set(found) == {*expected, "escalate"}
    for name, values in expected.items():
        torch.testing.assert_close(found[name], values, atol=1e-5, rtol=0)
    learns = {n for n, weight in model.named_parameters() if weight.requires_grad}
    before = {n for n, weight in trained.model.named_parameters() if weight.requires_grad}
    assert learns - before == {"heads.escalate.weight", "heads.escalate.bias"}
    assert before <= learns


def test_going_on_learns_a_new_head_beside_the_kept_ones(
    train_tiny, make_config, rows: list[Sample]
) -> None:
    first = train_tiny(make_config())
    labelled = [replace(r, labels={"escalate": r.labels["complaint"]}) for r in rows]
    second = train_tiny(make_config(heads=MORE_HEADS), samples=labelled, start=first.folder)
    assert set(second.manifest.heads) == set(MORE_HEADS)
    before, after = (t.model.heads["valence"].weight for t in (first, second))
    torch.testing.assert_close(after, before, atol=0.01, rtol=0)
    with pytest.raises(DataError, match=r"head escalate: expected labels of two or more kinds"):
        train_tiny(make_config(heads=MORE_HEADS), start=first.folder)


def test_a_head_that_says_something_else_begins_anew(
    train_tiny, make_config, tiny_settings: Settings
) -> None:
    trained = train_tiny(make_config())
    heads = {**MORE_HEADS, "valence": {"kind": "probability"}}
    model = new_model(tiny_settings, make_config(heads=heads), 10, trained.folder)
    kept, anew = (
        torch.equal(model.heads[name].weight, trained.model.heads[name].weight)
        for name in ("complaint", "valence")
    )
    assert kept
    assert not anew


def test_an_adapter_of_another_base_is_refused(
    train_tiny, make_config, still_settings: Settings, tmp_path: Path
) -> None:
    trained = train_tiny(make_config())
    base = tmp_path / "base"
    base.mkdir()
    for file in Path(still_settings.base_model).iterdir():
        (base / file.name).write_bytes(file.read_bytes())
    weights = base / "model.safetensors"
    changed = bytearray(weights.read_bytes())
    changed[-2] ^= 1
    weights.write_bytes(changed)
    settings = still_settings.model_copy(update={"base_model": str(base)})
    with pytest.raises(AdapterError) as error:
        train_tiny(make_config(), settings=settings, start=trained.folder)
    assert re.fullmatch(
        rf"adapter {trained.folder}: expected the base \S+ with sha256 \w+, found sha256 \w+\. "
        r"Set AMENDS_BASE_MODEL to that base, or train an adapter for this one with "
        r"`amends train`\.",
        str(error.value),
    )


def test_an_adapter_of_another_method_is_refused(train_tiny, make_config) -> None:
    trained = train_tiny(make_config())
    with pytest.raises(AdapterError) as error:
        train_tiny(make_config(adapter={"method": "full"}), start=trained.folder)
    assert str(error.value) == (
        f"adapter {trained.folder}: expected one of the method full to go on from, found lora. "
        "Set adapter.method to it, or start anew."
    )


@pytest.mark.parametrize("method", ["full", "dora"])
def test_what_cannot_learn_in_8_bits_is_told(
    method: str, make_config, tiny_settings: Settings
) -> None:
    settings = tiny_settings.model_copy(update={"precision": "int8"})
    with pytest.raises(ConfigError) as error:
        new_model(settings, make_config(adapter={"method": method}), 10)
    assert str(error.value) == (
        f"adapter.method = {method}: expected a base in full precision, found "
        "AMENDS_PRECISION=int8. Set it to fp32, or choose lora."
    )


def test_a_base_that_is_nowhere_is_told(
    train_tiny, make_config, tiny_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    settings = tiny_settings.model_copy(update={"base_model": "nobody/knows-this"})
    with pytest.raises(BaseModelError) as error:
        train_tiny(make_config(), settings=settings)
    assert str(error.value) == (
        "base model 'nobody/knows-this': expected a folder or a model id on the Hub, found "
        "neither in the local cache nor on the Hub. Correct AMENDS_BASE_MODEL, or go online once."
    )


def rates_by_name(model, config, rate: float) -> dict[str, float]:
    named = {id(weight): name for name, weight in model.named_parameters()}
    groups = parameter_groups(model, config, rate)
    return {named[id(w)]: group["lr"] for group in groups for w in group["params"]}


def test_each_layer_learns_slower_than_the_one_above(make_config, tiny_settings: Settings) -> None:
    config = make_config(
        adapter={"method": "full", "layer_decay": 0.5}, learning_rate=1e-3, head_learning_rate=4e-3
    )
    rates = rates_by_name(new_model(tiny_settings, config, 10), config, 0.5)
    for part, rate in (
        ("embeddings.word_embeddings", 1.25e-4),
        ("layer.0.attention.self.query", 2.5e-4),
        ("layer.1.output.dense", 5e-4),
        ("heads.polarity", 2e-3),
    ):
        found = [r for name, r in rates.items() if part in name]
        assert found == [pytest.approx(rate)] * len(found) != [], part
    assert not any("pooler" in name for name in rates)


def test_embeddings_may_stay_as_they_are(make_config, tiny_settings: Settings) -> None:
    config = make_config(adapter={"method": "full", "embeddings": False})
    rates = rates_by_name(new_model(tiny_settings, config, 10), config, 1.0)
    assert not any("embeddings" in name for name in rates)
    assert any("layer.0" in name for name in rates)


def test_low_rank_weights_learn_at_one_rate_and_heads_at_theirs(
    make_config, tiny_settings: Settings
) -> None:
    config = make_config(learning_rate=1e-3, head_learning_rate=4e-3)
    rates = rates_by_name(new_model(tiny_settings, config, 10), config, 0.5)
    lora = {rate for name, rate in rates.items() if ".lora_" in name}
    heads = {rate for name, rate in rates.items() if name.startswith("heads.")}
    assert (lora, heads) == ({5e-4}, {2e-3})
