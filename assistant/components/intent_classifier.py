"""The intent of a message, from its sentence embedding; no TensorFlow in it."""

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

from assistant.components.intent_weights import IntentWeights
from assistant.components.sentence_encoder import (
    EncoderError,
    SentenceEncoder,
    encoder_sha256,
    find_encoder,
)

WEIGHTS_FILE = "intents.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EmbeddingIntentClassifier(GraphComponent, IntentClassifier):
    """Logistic regression over the embedding of the whole message.

    Configuration:
        encoder_dir: Folder of the exported encoder, unless `AMENDS_STATE_DIR` names another.
        C: How closely to follow the examples; scikit-learn's inverse regularisation, above 0.
    """

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        weights: IntentWeights | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._encoder = SentenceEncoder(find_encoder(config["encoder_dir"]))
        self._weights = weights
        _check_same_encoder(self._encoder, weights)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """What holds for keys that `config.yml` does not name."""
        return {"encoder_dir": ".amends/encoder", "C": 20.0}

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
        """Make one to train.

        Raises:
            EncoderError: there is no exported encoder.
        """
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
        with model_storage.read_from(resource) as folder:
            weights = IntentWeights.load(folder / WEIGHTS_FILE)
        return cls(config, model_storage, resource, weights)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the intent examples and keep the weights in the model."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        vectors = self._encoder.embed([example.get(TEXT) for example in examples])
        intents = [example.get(INTENT) for example in examples]
        weights = IntentWeights.fit(vectors, intents, self._encoder.sha256, self._config["C"])
        with self._model_storage.write_to(self._resource) as folder:
            weights.save(folder / WEIGHTS_FILE)
        self._weights = weights
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking of each message; one without text has no intent."""
        for message in messages:
            ranking = self._rank((message.get(TEXT) or "").strip())
            first = ranking[0] if ranking else _guess(None, 0.0)
            message.set(INTENT, first, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _rank(self, text: str) -> list[dict[str, Any]]:
        if not text or self._weights is None:
            return []
        (probabilities,) = self._weights.probabilities(self._encoder.embed([text]))
        pairs = zip(self._weights.intents, probabilities, strict=True)
        ranking = [_guess(str(name), float(value)) for name, value in pairs]
        return sorted(ranking, key=lambda guess: -guess[PREDICTED_CONFIDENCE_KEY])


def _guess(name: str | None, confidence: float) -> dict[str, Any]:
    return {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence}


def _check_same_encoder(encoder: SentenceEncoder, weights: IntentWeights | None) -> None:
    # Weights on another encoder's vectors would answer, confidently and at random.
    if weights is not None and weights.encoder != encoder.sha256:
        raise EncoderError(
            f"sentence encoder: expected the one that the model was trained with (sha256 "
            f"{weights.encoder[:12]}), found another ({encoder.sha256[:12]}). Train again: "
            "`make run` does, or see assistant/README.md."
        )
