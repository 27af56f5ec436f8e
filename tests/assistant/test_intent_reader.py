import numpy as np
import pytest

from assistant.components.intent_reader import IntentReader
from assistant.components.sentence_encoder import SentenceEncoder

EXAMPLES = {
    "greet": ["hello", "good morning", "hi there"],
    "get_refund": ["I want my money back", "refund order 55120", "please refund me"],
    "cancel_order": ["cancel my order", "stop order 90211", "please cancel it"],
    "out_of_scope": ["tell me a joke", "what a match last night", "who painted this"],
}


@pytest.fixture(scope="module")
def encoder(encoder_dir):
    return SentenceEncoder(encoder_dir)


@pytest.fixture(scope="module")
def reader(encoder):
    texts = [text for group in EXAMPLES.values() for text in group]
    intents = [intent for intent, group in EXAMPLES.items() for _ in group]
    return IntentReader.fit(encoder, texts, intents, 20.0, ["greet"])


def intent(reader, text):
    return reader.weights.intents[reader.read([text]).probabilities[0].argmax()]


def test_what_was_saved_reads_as_what_was_fitted(reader, encoder, tmp_path):
    reader.save(tmp_path)
    texts = ["cancl order 12345", "refnud", "@jo what a joke"]
    before, after = reader.read(texts), IntentReader.load(tmp_path, encoder).read(texts)
    assert (before.probabilities == after.probabilities).all()
    assert (before.in_scope == after.in_scope).all()


@pytest.mark.parametrize("number", ["1234567", "AM-10023", "#88120", "99 120"])
def test_an_order_number_does_not_sway_the_intent(reader, number):
    texts = [f"please cancel order {number}", "please cancel order 55120"]
    first, second = reader.read(texts).probabilities
    assert first == pytest.approx(second)


@pytest.mark.parametrize("typo", ["cancl my ordr", "cancelmy order", "pls cancle teh order"])
def test_typos_and_slang_are_understood(reader, typo):
    assert intent(reader, typo) == "cancel_order"


def test_requests_are_in_scope_and_nothing_else_is(reader):
    asked, chatter, greeting = reader.read(
        ["I'd like to cancel the order", "what a goal in that match", "hello, good morning"]
    ).in_scope
    assert asked > 0.6
    assert max(chatter, greeting) < 0.4
    assert np.all(reader.read(["money back", "x"]).in_scope >= 0)


def test_without_requests_nothing_is_in_scope(encoder):
    texts, intents = ["hi", "bye", "thanks"], ["greet", "goodbye", "thank"]
    reader = IntentReader.fit(encoder, texts, intents, 20.0, intents)
    assert reader.read(["refund"]).in_scope.tolist() == [0]
