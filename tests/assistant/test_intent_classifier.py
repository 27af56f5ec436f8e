import json
import shutil

import pytest
from rasa.core.agent import Agent
from rasa.shared.exceptions import RasaException

from assistant.components.intent_classifier import EmbeddingIntentClassifier
from assistant.components.sentence_encoder import EncoderError


@pytest.fixture
def other_encoder(state_dir, tmp_path):
    """A state folder whose encoder says that it comes from other weights."""
    shutil.copytree(state_dir, tmp_path / "state")
    path = tmp_path / "state" / "encoder" / "manifest.json"
    manifest = json.loads(path.read_text()) | {"sha256": "f" * 64}
    path.write_text(json.dumps(manifest))
    return tmp_path / "state"


def test_every_intent_is_ranked_and_confidences_are_a_distribution(parse):
    ranking = parse("my order came broken")["intent_ranking"]
    confidences = [guess["confidence"] for guess in ranking]
    assert len(ranking) == 8
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1)


def test_a_huge_message_is_read_up_to_the_limit(parse):
    words = "you cancelled my order and kept the money. "
    assert len(words * 3000) > 100_000
    assert parse(words * 3000)["intent"] == parse(words * 100)["intent"]


def test_model_is_refused_without_its_encoder(model, monkeypatch, tmp_path):
    monkeypatch.setenv("AMENDS_STATE_DIR", str(tmp_path))
    with pytest.raises(RasaException, match="`make run` exports the encoder"):
        Agent.load(str(model))


def test_model_is_refused_with_another_encoder(model, monkeypatch, other_encoder):
    monkeypatch.setenv("AMENDS_STATE_DIR", str(other_encoder))
    with pytest.raises(EncoderError, match=r"found another \(ffffffffffff\). Train again"):
        Agent.load(str(model))


def test_another_encoder_is_another_training_to_rasas_cache(monkeypatch, other_encoder):
    before = EmbeddingIntentClassifier.fingerprint_addon({})
    monkeypatch.setenv("AMENDS_STATE_DIR", str(other_encoder))
    assert EmbeddingIntentClassifier.fingerprint_addon({}) != before
