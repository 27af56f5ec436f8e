"""A multilingual base and encoder: trained, published, served and exported like the English one."""

import json
import os
import subprocess

import numpy as np
import pytest
import torch
from multilingual_base import SENTENCES, make_base
from transformers import AutoModel, AutoTokenizer

from amends.serve.surroundings import RASA_PYTHON
from amends.settings import ROOT, get_settings
from finetune.config import parse_config
from finetune.gate import Tolerances
from finetune.publish import publish
from finetune.registry import Registry
from finetune.samples import Sample
from finetune.train import train
from nlu.assessment import Assessment, Unreadable
from nlu.assessor import Assessor
from nlu.classifier import Classifier
from nlu.export import export_encoder
from nlu.manifest import AdapterError, read_manifest, write_manifest

FORMS = ["xlm-roberta", "bert"]
CHINESE = "水壶坏了没人回复我"
CONFIG = {
    "heads": {
        "polarity": {"kind": "classes", "labels": ["negative", "neutral", "positive"]},
        "valence": {"kind": "regression"},
        "intensity": {"kind": "ordinal", "labels": ["weak", "medium", "strong", "extreme"]},
        "complaint": {"kind": "probability"},
        "subjectivity": {"kind": "probability"},
        "escalate": {"kind": "probability"},
    },
    "sources": [{"name": "own", "path": "own.csv", "labels": {"polarity": {}}}],
    "stages": [{"sources": {"own": 1}, "epochs": 1}],
    "languages": ["en", "zh"],
    "adapter": {"rank": 4},
    "batch_size": 4,
    "bf16": False,
}
EMBED = """
import json, sys
from pathlib import Path
from assistant.components.sentence_encoder import SentenceEncoder
vectors = SentenceEncoder(Path(sys.argv[1])).embed(json.loads(sys.argv[2]))
print(json.dumps(vectors.tolist()))
"""


@pytest.fixture(scope="module", params=FORMS)
def base(request, tmp_path_factory):
    return make_base(tmp_path_factory.mktemp("base"), request.param)


def rows():
    return [
        Sample(
            text=text,
            source="own",
            key=text,
            split=split,
            labels={
                "polarity": 0 if n % 4 < 2 else 2,
                "valence": -0.8 if n % 4 < 2 else 0.8,
                "intensity": n % 4,
                "complaint": float(n % 4 < 2),
                "subjectivity": float(n % 2),
                "escalate": float(n % 4 < 2),
            },
        )
        for n, text in enumerate(SENTENCES)
        for split in ("train", "validation")
    ]


@pytest.fixture
def settings(base):
    changes = {
        "base_model": str(base),
        "encoder": str(base),
        "precision": "fp32",
        "device": "cpu",
        "languages": ("en", "zh"),
    }
    return get_settings().model_copy(update=changes)


@pytest.fixture
def adapter(settings, tmp_path):
    """A trained adapter, with thresholds chosen as if by hand."""
    folder = tmp_path / "multilingual"
    manifest = train(rows(), folder, settings, parse_config(CONFIG, "the test"), {})
    thresholds = manifest.thresholds.model_copy(
        update={"severity": 0.5, "similarity": -1.0, "encoder": settings.encoder}
    )
    write_manifest(manifest.model_copy(update={"thresholds": thresholds}), folder)
    return folder


def test_an_adapter_says_which_languages_it_was_trained_for(adapter):
    assert read_manifest(adapter).languages == ("en", "zh")


def test_a_trained_adapter_scores_both_languages(adapter, settings):
    classifier = Classifier.load(adapter, settings.base_model, "fp32", "cpu")
    english, chinese = classifier.score(["the kettle broke", CHINESE])

    assert english.polarity_probs != chinese.polarity_probs
    assert classifier.score([CHINESE, "the kettle broke"])[0].valence == pytest.approx(
        chinese.valence, abs=1e-5
    )


def test_the_whole_understanding_reads_chinese_with_it(adapter, settings):
    assessor = Assessor.load(settings.model_copy(update={"adapter": adapter}))
    chinese, russian = assessor.assess([CHINESE, "Чайник сломан"])

    assert isinstance(chinese, Assessment)
    assert chinese.text == CHINESE
    assert isinstance(russian, Unreadable)
    assert russian.reason == "other_script"


def test_a_language_that_it_was_not_trained_for_is_refused(adapter, settings):
    wanted = settings.model_copy(update={"adapter": adapter, "languages": ("en", "de")})
    with pytest.raises(AdapterError) as refused:
        Assessor.load(wanted)

    assert "found one for en, zh. Take de out of AMENDS_LANGUAGES" in str(refused.value)


def test_a_published_one_is_served(adapter, settings, tmp_path):
    wanted = settings.model_copy(update={"adapters_dir": tmp_path / "published"})
    publish(adapter, Registry(wanted.published_dir), lambda _: {}, Tolerances())

    assert isinstance(Assessor.load(wanted).assess([CHINESE])[0], Assessment)


def test_the_exported_encoder_gives_the_same_vectors_where_rasa_runs(base, tmp_path):
    texts = [*SENTENCES, "", "😡", "a " * 300]
    folder = export_encoder(base, tmp_path / "encoder")
    command = [str(RASA_PYTHON), "-c", EMBED, str(folder), json.dumps(texts)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)

    assert done.returncode == 0, done.stderr
    found = np.array(json.loads(done.stdout.splitlines()[-1]))
    assert np.allclose(found, embedded(base, texts), atol=1e-5)


def embedded(base, texts):
    """What torch makes of each text alone, so that nothing is padded."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModel.from_pretrained(base).eval()
    vectors = []
    for text in texts:
        tokens = tokenizer(text, truncation=True, max_length=128, return_tensors="pt")
        with torch.inference_mode():
            mean = model(**tokens).last_hidden_state[0].mean(0)
        vectors.append(torch.nn.functional.normalize(mean, dim=0).numpy())
    return np.stack(vectors)
