"""Keeps shoppers from giving Rasa commands."""

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

# Blanks too: Rasa strips the text again before it looks for the slash.
COMMAND_SIGNS = re.compile(r"^[\s/]+")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class CommandGuard(GraphComponent, IntentClassifier):
    """Reads `/restart` or `/complaint{...}` as words.

    Rasa takes a text with a slash in front for an intent by name, after the pipeline and whatever
    the pipeline found: any shopper could restart a conversation that a person has taken over.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "CommandGuard":
        """Make one; there is nothing to configure."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Take slashes and blanks from the front of each message."""
        for message in messages:
            message.set(TEXT, COMMAND_SIGNS.sub("", message.get(TEXT) or ""))
        return messages
