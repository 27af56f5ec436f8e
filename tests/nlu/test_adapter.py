"""An adapter that is not whole, not finite or not for this base is refused, and says what to do."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from amends.errors import AmendsError
from amends.settings import SHIPPED_ADAPTER, load_settings
from nlu.adapter import save_adapter
from nlu.assessor import Assessor
from nlu.classifier import Classifier
from nlu.manifest import AdapterError, Manifest, read_manifest
from nlu.scoring_model import ScoringModel

HEADS = "heads.safetensors"
LORA = "adapter_model.safetensors"
MANIFEST = "manifest.json"
CONFIG = "adapter_config.json"
TRAIN_AGAIN = "Train the adapter again with `amends train`"
RESTORE = f"Restore the file, or {TRAIN_AGAIN.replace('Train', 'train')}"


def load(adapter: Path, base: Path) -> Classifier:
    return Classifier.load(adapter, str(base), "fp32", "cpu")


def edit_tensors(path: Path, change: Callable[[dict[str, Tensor]], object]) -> None:
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)


def edit_json(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")


def first_lora(tensors: dict[str, Tensor]) -> str:
    return min(name for name in tensors if "lora_B" in name)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def test_a_whole_adapter_is_loaded(adapter: Path, tiny_base: Path) -> None:
    assert load(adapter, tiny_base).manifest.name == "tiny"


def test_what_is_saved_is_what_is_loaded(
    adapter: Path, tiny_base: Path, make_tiny_model: Callable[[int], ScoringModel]
) -> None:
    tokens = torch.arange(100, 110)[None]
    saved = make_tiny_model(4).eval()(tokens, torch.ones_like(tokens))
    loaded = load(adapter, tiny_base)._model(tokens, torch.ones_like(tokens))
    torch.testing.assert_close(dict(loaded), dict(saved))


MANIFEST_FAULTS = {
    "missing": (lambda path: path.unlink(), f"expected {MANIFEST}, found none"),
    "no JSON": (
        lambda path: path.write_text("{"),
        f"expected a valid {MANIFEST}, found: the file: Invalid JSON",
    ),
    "empty": (lambda path: path.write_text(""), f"expected a valid {MANIFEST}"),
    "no UTF-8": (lambda path: path.write_bytes(b"\xff\xfe"), f"expected a valid {MANIFEST}"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), f"expected {MANIFEST}, found"),
    "no thresholds": (lambda path: edit_json(path, lambda m: m.pop("thresholds")), "thresholds"),
    "unknown key": (lambda path: edit_json(path, lambda m: m.update(extra=1)), "extra"),
    "severity of 2": (
        lambda path: edit_json(path, lambda m: m["thresholds"].update(severity=2)),
        "thresholds.severity",
    ),
    "margin NaN": (
        lambda path: edit_json(path, lambda m: m["thresholds"].update(margin=math.nan)),
        "thresholds.margin",
    ),
}


@pytest.mark.parametrize(("fault", "found"), MANIFEST_FAULTS.values(), ids=MANIFEST_FAULTS)
def test_a_broken_manifest_is_refused(
    adapter: Path, tiny_base: Path, fault: Callable[[Path], object], found: str
) -> None:
    fault(adapter / MANIFEST)
    with pytest.raises(AdapterError) as error:
        load(adapter, tiny_base)
    assert f"adapter {adapter}: " in str(error.value)
    assert found in str(error.value)
    assert "`amends train`" in str(error.value)


@pytest.mark.parametrize("name", ["nowhere", "adapter/manifest.json"])
def test_a_path_that_is_no_adapter_is_refused(adapter: Path, tiny_base: Path, name: str) -> None:
    with pytest.raises(AdapterError, match=r"Set AMENDS_ADAPTER to a folder that `amends train`"):
        load(adapter.parent / name, tiny_base)


FILE_FAULTS = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "truncated": truncate,
    "no safetensors": lambda path: path.write_text("<html>not found</html>"),
    "a Git LFS pointer": lambda path: path.write_text("version https://git-lfs.github.com/spec/v1"),
}


@pytest.mark.parametrize("fault", FILE_FAULTS.values(), ids=FILE_FAULTS)
@pytest.mark.parametrize("name", [HEADS, LORA])
def test_broken_weights_are_refused(
    adapter: Path, tiny_base: Path, name: str, fault: Callable[[Path], object]
) -> None:
    fault(adapter / name)
    with pytest.raises(AdapterError) as error:
        load(adapter, tiny_base)
    assert f"{adapter / name}: expected weights as safetensors, found: " in str(error.value)
    assert RESTORE in str(error.value)


TENSOR_FAULTS = {
    "head missing": (HEADS, lambda t: t.pop("valence.bias"), r"missing \['valence.bias'\]"),
    "all heads missing": (HEADS, lambda t: t.clear(), r"missing \['complaint.bias', "),
    "head left over": (
        HEADS,
        lambda t: t.update({"mood.weight": torch.ones(1)}),
        r"left over \['mood.weight'\]",
    ),
    # PEFT loads this without a word and scores with random weights.
    "LoRA missing": (LORA, lambda t: t.pop(first_lora(t)), r"missing \['base_model\..*lora_B"),
    "all LoRA missing": (LORA, lambda t: t.clear(), r"missing \['base_model\."),
    "LoRA left over": (
        LORA,
        lambda t: t.update({"base_model.model.nobody.lora_A.weight": torch.ones(1)}),
        r"left over \['base_model.model.nobody",
    ),
    "NaN in a head": (
        HEADS,
        lambda t: t["polarity.weight"][0].fill_(math.nan),
        "found NaN or infinity in polarity.weight",
    ),
    "infinity in a head": (
        HEADS,
        lambda t: t["intensity.bias"].fill_(math.inf),
        "found NaN or infinity in intensity.bias",
    ),
    "NaN in LoRA": (
        LORA,
        lambda t: t[first_lora(t)][0].fill_(math.nan),
        r"found NaN or infinity in base_model\..*lora_B",
    ),
    "head of another shape": (
        HEADS,
        lambda t: t.update({"polarity.bias": torch.zeros(5)}),
        "the heads have another shape: .*polarity.bias",
    ),
    "LoRA of another rank": (
        LORA,
        lambda t: t.update({first_lora(t): torch.zeros(32, 9)}),
        "its LoRA weights do not fit the base",
    ),
}


@pytest.mark.parametrize(
    ("name", "fault", "message"), TENSOR_FAULTS.values(), ids=list(TENSOR_FAULTS)
)
def test_weights_that_are_not_the_expected_ones_are_refused(
    adapter: Path, tiny_base: Path, name: str, fault: Callable[..., object], message: str
) -> None:
    edit_tensors(adapter / name, fault)
    with pytest.raises(AdapterError, match=f"(?s){message}.*{TRAIN_AGAIN}"):
        load(adapter, tiny_base)


@pytest.mark.parametrize(
    "fault",
    [
        lambda path: path.unlink(),
        lambda path: path.write_text("{"),
        lambda path: path.write_text("[]"),
        lambda path: path.write_text("{}"),
        lambda path: edit_json(path, lambda c: c.update(peft_type="NONE")),
        lambda path: edit_json(path, lambda c: c.update(r=9)),
        lambda path: edit_json(path, lambda c: c.update(target_modules=["nothing"])),
    ],
    ids=["missing", "no JSON", "a list", "empty", "unknown type", "other rank", "no such layer"],
)
def test_a_broken_lora_configuration_is_refused(
    adapter: Path, tiny_base: Path, fault: Callable[[Path], object]
) -> None:
    fault(adapter / CONFIG)
    with pytest.raises(AdapterError, match=f"(?s){adapter}.*: .*{TRAIN_AGAIN}"):
        load(adapter, tiny_base)


def test_an_adapter_for_another_base_is_refused(adapter: Path, tiny_base: Path) -> None:
    edit_json(adapter / MANIFEST, lambda m: m.update(base_sha256="0" * 64))
    with pytest.raises(AdapterError) as error:
        load(adapter, tiny_base)
    assert f"expected the base {tiny_base} with sha256 {'0' * 64}, found sha256" in str(error.value)
    assert "Set AMENDS_BASE_MODEL to that base, or train an adapter" in str(error.value)


def test_the_shipped_adapter_is_refused_on_another_base(tiny_base: Path) -> None:
    with pytest.raises(AdapterError, match="expected the base sentence-transformers/all-MiniLM"):
        load(SHIPPED_ADAPTER, tiny_base)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda heads: heads.pop("complaint"), r"left over \['complaint.bias'"),
        (lambda heads: heads.update(mood={"kind": "regression"}), r"missing \['mood.bias'"),
        (lambda heads: heads["intensity"]["labels"].append("utter"), "have another shape"),
        (lambda heads: heads["polarity"].update(labels=["good"]), "two or more labels, each once"),
        (lambda heads: heads["polarity"].update(kind="mood"), "heads.polarity.kind"),
    ],
    ids=["one less", "one more", "another level", "one class", "another kind"],
)
def test_heads_that_are_not_those_of_the_weights_are_refused(
    adapter: Path, tiny_base: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    edit_json(adapter / MANIFEST, lambda m: change(m["heads"]))
    with pytest.raises(AdapterError, match=message) as error:
        load(adapter, tiny_base)
    assert TRAIN_AGAIN in str(error.value)


def test_an_adapter_of_other_heads_loads_but_does_not_serve(adapter: Path, tiny_base: Path) -> None:
    edit_json(adapter / MANIFEST, lambda m: m["heads"]["polarity"]["labels"].reverse())
    other = load(adapter, tiny_base)
    assert set(other.probabilities(["where is it"])[0]) == set(other.manifest.heads)
    with pytest.raises(AdapterError) as error:
        other.score(["where is it"])
    assert (
        "expected a head polarity with kind classes and labels negative, neutral, positive, found "
        "kind classes and labels positive, neutral, negative. Train an adapter with that head"
    ) in str(error.value)


def test_thresholds_for_another_encoder_are_refused(adapter: Path, tiny_base: Path) -> None:
    settings = load_settings().model_copy(
        update={"adapter": adapter, "base_model": str(tiny_base), "encoder": str(tiny_base)}
    )
    with pytest.raises(AdapterError) as error:
        Assessor.load(settings)
    assert "expected the encoder sentence-transformers/all-MiniLM-L6-v2, for which" in str(
        error.value
    )
    assert f"found {tiny_base}. Set AMENDS_ENCODER back, or run `amends train`" in str(error.value)


def test_every_refusal_is_told_by_the_command_line_in_one_line(adapter: Path) -> None:
    assert issubclass(AdapterError, AmendsError)


def test_a_failed_save_leaves_the_old_adapter_and_nothing_else(
    adapter: Path,
    make_tiny_model: Callable[[int], ScoringModel],
    tiny_manifest: Manifest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = {path.name: path.read_bytes() for path in adapter.iterdir()}
    model = make_tiny_model(2)
    model.heads["valence"].to("meta")  # Weights that cannot be written.
    with pytest.raises(NotImplementedError):
        save_adapter(model, tiny_manifest, adapter)
    assert {path.name: path.read_bytes() for path in adapter.iterdir()} == before
    assert list(adapter.parent.iterdir()) == [adapter]


def test_a_save_replaces_an_older_adapter_as_a_whole(
    adapter: Path,
    tiny_base: Path,
    make_tiny_model: Callable[[int], ScoringModel],
    tiny_manifest: Manifest,
) -> None:
    (adapter / "README.md").write_text("the card of the older one")
    save_adapter(make_tiny_model(2), tiny_manifest.model_copy(update={"version": "2"}), adapter)
    assert {path.name for path in adapter.iterdir()} == {HEADS, LORA, MANIFEST, CONFIG}
    assert load(adapter, tiny_base).manifest.version == "2"


def test_a_save_never_replaces_a_folder_that_is_no_adapter(
    tmp_path: Path, make_tiny_model: Callable[[int], ScoringModel], tiny_manifest: Manifest
) -> None:
    thesis = tmp_path / "home" / "thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("years of work")
    with pytest.raises(AdapterError, match="expected a new folder or one that holds an adapter"):
        save_adapter(make_tiny_model(2), tiny_manifest, thesis.parent)
    assert thesis.read_text() == "years of work"


def test_an_empty_folder_is_as_good_as_a_new_one(
    tmp_path: Path, make_tiny_model: Callable[[int], ScoringModel], tiny_manifest: Manifest
) -> None:
    save_adapter(make_tiny_model(2), tiny_manifest, tmp_path)
    assert read_manifest(tmp_path) == tiny_manifest


def test_a_saved_adapter_names_its_base_not_the_folder_that_it_came_from(
    tmp_path: Path, make_tiny_model: Callable[[int], ScoringModel], tiny_manifest: Manifest
) -> None:
    manifest = tiny_manifest.model_copy(update={"base_model": "shop/tiny"})
    save_adapter(make_tiny_model(2), manifest, tmp_path / "new")
    config = json.loads((tmp_path / "new" / CONFIG).read_text("utf-8"))
    assert config["base_model_name_or_path"] == "shop/tiny"


def test_the_shipped_adapter_holds_no_path_of_the_machine_that_trained_it() -> None:
    shipped = SHIPPED_ADAPTER
    config = json.loads((shipped / CONFIG).read_text("utf-8"))
    assert config["base_model_name_or_path"] == read_manifest(shipped).base_model
    for path in (shipped / CONFIG, shipped / MANIFEST, shipped / "README.md"):
        assert "site-packages" not in path.read_text("utf-8")


def test_an_adapter_made_on_another_machine_is_loaded_without_a_word(
    adapter: Path, tiny_base: Path, recwarn: pytest.WarningsRecorder
) -> None:
    nowhere = "/home/somebody/else/model"
    edit_json(adapter / CONFIG, lambda c: c.update(base_model_name_or_path=nowhere))
    load(adapter, tiny_base)
    assert [str(warning.message) for warning in recwarn if nowhere in str(warning.message)] == []


def test_the_shipped_adapter_is_small_and_complete() -> None:
    files = {path.name: path.stat().st_size for path in SHIPPED_ADAPTER.iterdir()}
    assert set(files) == {HEADS, LORA, MANIFEST, CONFIG, "README.md"}
    assert sum(files.values()) < 8_000_000


@pytest.mark.parametrize("shift", [(), (0.5,), (0.1, 0.2, 0.3, 0.4)])
def test_a_shift_that_does_not_fit_its_head_is_refused(
    adapter: Path, shift: tuple[float, ...]
) -> None:
    told = json.loads((adapter / "manifest.json").read_text("utf-8"))
    told["shifts"] = {"polarity": shift}
    (adapter / "manifest.json").write_text(json.dumps(told), "utf-8")
    with pytest.raises(AdapterError, match=f"expected 3 shifts of polarity, found {len(shift)}"):
        read_manifest(adapter)
