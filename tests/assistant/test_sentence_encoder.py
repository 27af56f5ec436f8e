"""The exported encoder gives the vectors of the model that it was exported from."""

import json
import shutil

import numpy as np
import pytest
from conftest import APP_PYTHON, run

from assistant.components.sentence_encoder import (
    MAX_CHARS,
    EncoderError,
    SentenceEncoder,
    find_encoder,
)

TEXTS = [
    "hi",
    "My parcel is three weeks late and nobody answers!",
    "señor, l'été 😡 Ωmega 漢字 \u200b",
    "",
    "word " * 500,
    "x" * 300,
]
# Run by the app environment, which has torch: the mean of the token vectors, scaled to length 1.
EXPECTED = """
import json, sys
import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer
from nlu.base_model import find_base

folder = find_base("sentence-transformers/all-MiniLM-L6-v2")
tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
vectors = []
for text in json.loads(sys.argv[2]):  # one by one: no padding that could hide an error
    inputs = tokenizer(text, truncation=True, max_length=128, return_tensors="pt")
    with torch.inference_mode():
        mean = model(**inputs).last_hidden_state[0].mean(0)
    vectors.append((mean / mean.norm()).numpy())
np.save(sys.argv[1], np.stack(vectors))
"""


@pytest.fixture(scope="module")
def encoder(encoder_dir):
    return SentenceEncoder(encoder_dir)


def test_equals_transformers_mean_pooling(encoder, tmp_path):
    file = tmp_path / "expected.npy"
    run(APP_PYTHON, "-c", EXPECTED, file, json.dumps(TEXTS))
    expected = np.load(file)
    assert encoder.embed(TEXTS).shape == expected.shape
    assert np.abs(encoder.embed(TEXTS) - expected).max() <= 1e-5


def test_a_vector_depends_on_its_own_text_alone(encoder):
    many = encoder.embed(TEXTS * 10)
    alone = np.concatenate([encoder.embed([text]) for text in TEXTS])
    assert np.abs(many[: len(TEXTS)] - alone).max() <= 1e-5
    assert np.allclose(np.linalg.norm(many, axis=1), 1)


def test_a_long_message_is_read_up_to_the_limit(encoder):
    short, longer = "late " * 126, "late " * 126 + "but thank you " * 10_000
    assert np.abs(encoder.embed([short]) - encoder.embed([longer])).max() <= 1e-5
    assert len(longer) > MAX_CHARS


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json", "manifest.json"])
def test_missing_file_is_named_with_what_to_do(encoder_dir, tmp_path, monkeypatch, missing):
    monkeypatch.delenv("AMENDS_STATE_DIR")
    shutil.copytree(encoder_dir, tmp_path / "enc", ignore=shutil.ignore_patterns(missing))
    with pytest.raises(EncoderError) as error:
        find_encoder(str(tmp_path / "enc"))
    assert f"in {tmp_path / 'enc'}, found no {missing}. `make run` exports" in str(error.value)


def test_state_folder_goes_before_the_configured_one(state_dir):
    assert find_encoder("nowhere") == state_dir / "encoder"
