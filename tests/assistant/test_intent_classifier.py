import json
import shutil

import pytest
import yaml
from conftest import ROOT
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
    confidences = [guess["confidence"] for guess in ranking if guess["name"] != "nlu_fallback"]
    intents = yaml.safe_load((ROOT / "domain.yml").read_text())["intents"]
    assert sorted(guess["name"] for guess in ranking if guess["name"] != "nlu_fallback") == sorted(
        intents
    )
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


@pytest.mark.parametrize(
    ("text", "asks"),
    [("please refund order 55120", True), ("@jo what a match last night lol", False), ("", False)],
)
def test_the_message_says_whether_it_asks_the_shop_for_something(parse, text, asks):
    assert (parse(text)["in_scope"] > 0.5) is asks


@pytest.mark.parametrize("text", ["48213", "#20114", "AM-10099", "my order number is 7731"])
def test_a_bare_order_number_is_understood_and_left_in_the_message(parse, text):
    parsed = parse(text)
    assert parsed["intent"]["name"] == "give_order_number"
    assert parsed["text"] == text
