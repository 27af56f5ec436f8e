"""The intent of a message, and whether it asks the shop for something; no TensorFlow in it."""

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.components.intent_reader import IntentReader
from assistant.components.intent_weights import IntentWeights
from assistant.components.sentence_encoder import (
    EncoderError,
    SentenceEncoder,
    encoder_sha256,
    find_encoder,
)

IN_SCOPE = "in_scope"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EmbeddingIntentClassifier(GraphComponent, IntentClassifier):
    """Logistic regression over the message in plain words: its embedding and groups of letters.

    Besides the intent it writes `in_scope` into the message, 0 to 1: how sure it is that the
    message asks the shop for something.

    Configuration:
        encoder_dir: Folder of the exported encoder, unless `AMENDS_STATE_DIR` names another.
        C: How closely to follow the examples; scikit-learn's inverse regularisation, above 0.
        small_talk: Intents that ask the shop for nothing, besides `out_of_scope`.
    """

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        reader: IntentReader | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._reader = reader

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """What holds for keys that `config.yml` does not name."""
        return {"encoder_dir": ".amends/encoder", "C": 20.0, "small_talk": []}

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that Rasa checks for before it trains."""
        return ["onnxruntime", "sklearn", "tokenizers"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """The encoder is an input of the training that Rasa's cache would not see."""
        folder = {**cls.get_default_config(), **config}["encoder_dir"]
        return encoder_sha256(find_encoder(folder))

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "EmbeddingIntentClassifier":
        """Make one to train."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: object,
    ) -> "EmbeddingIntentClassifier":
        """Make a trained one.

        Raises:
            EncoderError: there is no exported encoder, or not the one it was trained with.
        """
        encoder = SentenceEncoder(find_encoder(config["encoder_dir"]))
        with model_storage.read_from(resource) as folder:
            reader = IntentReader.load(folder, encoder)
        _check_same_encoder(encoder, reader.weights)
        return cls(config, model_storage, resource, reader)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the intent examples and keep the weights in the model.

        Raises:
            EncoderError: there is no exported encoder.
        """
        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        self._reader = IntentReader.fit(
            SentenceEncoder(find_encoder(self._config["encoder_dir"])),
            [example.get(TEXT) for example in examples],
            [example.get(INTENT) for example in examples],
            self._config["C"],
            self._config["small_talk"],
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._reader.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking and scope of each message; one without text has no intent."""
        for message in messages:
            ranking, in_scope = self._read((message.get(TEXT) or "").strip())
            first = ranking[0] if ranking else _guess(None, 0.0)
            message.set(INTENT, first, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set(IN_SCOPE, in_scope, add_to_output=True)
        return messages

    def _read(self, text: str) -> tuple[list[dict[str, Any]], float]:
        if not text or self._reader is None:
            return [], 0.0
        read = self._reader.read([text])
        pairs = zip(self._reader.weights.intents, read.probabilities[0], strict=True)
        ranking = [_guess(str(name), float(value)) for name, value in pairs]
        ranking.sort(key=lambda guess: -guess[PREDICTED_CONFIDENCE_KEY])
        return ranking, round(float(read.in_scope[0]), 4)


def _guess(name: str | None, confidence: float) -> dict[str, Any]:
    return {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence}


def _check_same_encoder(encoder: SentenceEncoder, weights: IntentWeights) -> None:
    # Weights on another encoder's vectors would answer, confidently and at random.
    if weights.encoder != encoder.sha256:
        raise EncoderError(
            f"sentence encoder: expected the one that the model was trained with (sha256 "
            f"{weights.encoder[:12]}), found another ({encoder.sha256[:12]}). Train again: "
            "`make run` does, or see assistant/README.md."
        )
