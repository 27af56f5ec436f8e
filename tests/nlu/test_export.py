"""The export, on a small model of random weights with a real tokenizer.

That the real encoder answers the same in the assistant's runtime is tests/assistant's to show.
"""

import hashlib
import json
import shutil

import numpy as np
import onnx
import pytest
import torch
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun
from tokenizers import Tokenizer
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

from nlu import export
from nlu.base_model import BaseModelError, find_base
from nlu.export import ExportError, export_encoder

FILES = ["manifest.json", "model.onnx", "tokenizer.json"]
TEXTS = ["hi", "the parcel is three weeks late and nobody answers", "", "😡 no!"]


def make_encoder(folder, **sizes):
    config = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    torch.manual_seed(0)
    BertModel(BertConfig(**{**config, "intermediate_size": 32, **sizes})).save_pretrained(folder)
    real = find_base("sentence-transformers/all-MiniLM-L6-v2")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(real / name, folder)
    return folder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return make_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def exported(encoder, tmp_path_factory):
    return export_encoder(encoder, tmp_path_factory.mktemp("state") / "deep" / "encoder")


class GatherElements(OpRun):
    """As the standard has it; the one that comes with onnx reads the first column alone."""

    def _run(self, data, indices, axis=0):
        return (np.take_along_axis(data, indices, axis),)


def embed(folder, texts):
    """What a runtime without torch makes of the exported files."""
    encodings = Tokenizer.from_file(str(folder / "tokenizer.json")).encode_batch(texts)
    inputs = {
        "input_ids": np.array([e.ids for e in encodings]),
        "attention_mask": np.array([e.attention_mask for e in encodings]),
    }
    evaluator = ReferenceEvaluator(str(folder / "model.onnx"), new_ops=[GatherElements])
    (vectors,) = evaluator.run(None, inputs)
    return vectors


def mean_pooled(folder, text):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    inputs = tokenizer(text, truncation=True, max_length=128, return_tensors="pt")
    with torch.inference_mode():
        mean = AutoModel.from_pretrained(folder).eval()(**inputs).last_hidden_state[0].mean(0)
    return (mean / mean.norm()).numpy()


def test_folder_holds_the_model_its_tokenizer_and_where_they_come_from(encoder, exported):
    weights = (encoder / "model.safetensors").read_bytes()
    assert sorted(path.name for path in exported.iterdir()) == FILES
    assert json.loads((exported / "manifest.json").read_text()) == {
        "source": str(encoder),
        "sha256": hashlib.sha256(weights).hexdigest(),
        "max_length": 128,
        "dimension": 16,
    }


def test_graph_is_valid_and_open_in_batch_and_length(exported):
    model = onnx.load(exported / "model.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert [part.version for part in model.opset_import if part.domain == ""] == [17]
    shapes = {
        value.name: [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]
        for value in [*model.graph.input, *model.graph.output]
    }
    assert shapes["input_ids"] == shapes["attention_mask"] == ["batch", "tokens"]
    assert shapes["embedding"][0] == "batch"


@pytest.mark.parametrize("texts", [TEXTS[:1], TEXTS[1:3], TEXTS, ["late " * 400, "hi"]])
def test_vectors_are_the_mean_of_the_tokens_at_any_batch_and_length(encoder, exported, texts):
    expected = np.stack([mean_pooled(encoder, text) for text in texts])
    assert np.abs(embed(exported, texts) - expected).max() <= 1e-5


def test_texts_are_padded_to_the_longest_and_cut_at_the_limit(exported):
    tokenizer = Tokenizer.from_file(str(exported / "tokenizer.json"))
    assert [len(e.ids) for e in tokenizer.encode_batch(["hi", "hi there you"])] == [5, 5]
    assert len(tokenizer.encode("word " * 1000).ids) == 128


def test_limit_follows_a_model_that_holds_less(tmp_path):
    small = make_encoder(tmp_path / "small", max_position_embeddings=32)
    target = export_encoder(small, tmp_path / "out")
    assert json.loads((target / "manifest.json").read_text())["max_length"] == 32
    assert embed(target, ["word " * 100]).shape == (1, 16)


def test_an_older_export_is_replaced_as_a_whole(encoder, tmp_path):
    target = tmp_path / "encoder"
    target.mkdir()
    (target / "left.over").write_text("old")
    export_encoder(encoder, target)
    assert sorted(path.name for path in target.iterdir()) == FILES
    assert list(tmp_path.iterdir()) == [target]


def test_a_failed_export_leaves_what_was_there(encoder, tmp_path, monkeypatch):
    target = tmp_path / "encoder"
    target.mkdir()
    (target / "model.onnx").write_text("old")

    def fail_half_way(model, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "_write_model", fail_half_way)
    with pytest.raises(OSError, match="No space left"):
        export_encoder(encoder, target)
    assert list(tmp_path.iterdir()) == [target]
    assert [path.read_text() for path in target.iterdir()] == ["old"]


def test_export_says_nothing_on_the_way(encoder, tmp_path, recwarn):
    export_encoder(encoder, tmp_path / "encoder")
    assert [str(warning.message) for warning in recwarn] == []


def test_an_encoder_without_weights_is_refused(tmp_path):
    with pytest.raises(BaseModelError, match=r"expected model\.safetensors"):
        export_encoder(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_slow_tokenizer_is_refused(encoder, tmp_path, monkeypatch):
    class Slow:
        is_fast = False

    monkeypatch.setattr(export.AutoTokenizer, "from_pretrained", lambda _: Slow())
    with pytest.raises(ExportError, match=r"found Slow\. Use an encoder with a fast tokenizer"):
        export_encoder(encoder, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
