"""Chooses below which confidence an intent counts as not understood.

Run `python -m assistant.tuning.choose_threshold` in Rasa's environment, in the project's root,
after the examples or the encoder changed, and write what it prints into `config.yml`.
"""

import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.loading import load_data

from assistant.components.intent_reader import OUT_OF_SCOPE, IntentReader
from assistant.components.sentence_encoder import SentenceEncoder, find_encoder
from assistant.tuning.noise import noisy

EXAMPLES = Path("assistant/data/nlu/en")
DEV_MESSAGES = Path(__file__).with_name("dev.yml")
STEP = 0.01
SEED = 11


@dataclass(frozen=True)
class Guesses:
    """The first guess on each dev message.

    Attributes:
        confidence: Shape (messages,), 0 to 1.
        right: Whether the guess is the message's intent.
        in_scope: Whether the message asks for something that the assistant knows.
    """

    confidence: np.ndarray
    right: np.ndarray
    in_scope: np.ndarray

    def gain(self, threshold: float) -> int:
        """Messages answered rightly less messages answered wrongly at this threshold.

        To say "I did not understand" to a message that is in scope counts as neither; to one that
        is out of scope it is the right answer.
        """
        answered = self.confidence > threshold
        right = (answered & self.right) | (~answered & ~self.in_scope)
        wrong = answered & ~self.right
        return int(right.sum() - wrong.sum())


def guess(config: dict[str, Any], messages: dict[str, list[str]]) -> Guesses:
    """Train on the examples as `config.yml` says and guess the intents of other messages.

    Args:
        config: The classifier's entry in the pipeline.
        messages: Texts by intent.
    """
    examples = load_data(str(EXAMPLES)).intent_examples
    reader = IntentReader.fit(
        SentenceEncoder(find_encoder(str(config["encoder_dir"]))),
        [example.get(TEXT) for example in examples],
        [example.get(INTENT) for example in examples],
        float(config["C"]),
        config["small_talk"],
    )
    texts = [text for group in messages.values() for text in group]
    truth = np.array([intent for intent, group in messages.items() for _ in group])
    probabilities = reader.read(texts).probabilities
    guessed = reader.weights.intents[probabilities.argmax(axis=1)]
    return Guesses(probabilities.max(axis=1), guessed == truth, truth != OUT_OF_SCOPE)


def with_noise(messages: dict[str, list[str]]) -> dict[str, list[str]]:
    """Each message once as it is and once as somebody in a hurry would write it."""
    rng = random.Random(SEED)  # noqa: S311, chance and no secret
    return {
        intent: [*group, *(noisy(text, rng) for text in group)]
        for intent, group in messages.items()
    }


def choose(guesses: Guesses) -> float:
    """The threshold with the greatest gain; of several the lowest, which turns fewest away."""
    steps = [round(float(step), 2) for step in np.arange(0, 1, STEP)]
    return max(steps, key=guesses.gain)


def read_pipeline_entry(name: str) -> dict[str, Any]:
    """The entry of the pipeline in `config.yml` whose name ends so."""
    pipeline = yaml.safe_load(Path("config.yml").read_text(encoding="utf-8"))["pipeline"]
    return next(entry for entry in pipeline if entry["name"].endswith(name))


def main() -> None:
    """Print the threshold that fits the dev messages best, and what the neighbours cost."""
    messages = yaml.safe_load(DEV_MESSAGES.read_text(encoding="utf-8"))
    guesses = guess(read_pipeline_entry("EmbeddingIntentClassifier"), with_noise(messages))
    write = sys.stdout.write
    for step in np.arange(0, 0.75, 0.05):
        write(f"threshold {step:.2f}: right less wrong {guesses.gain(float(step))}\n")
    share = guesses.right.mean()
    write(f"{len(guesses.right)} messages, {share:.0%} of first guesses right\n")
    write(f"chosen: threshold {choose(guesses)}\n")


if __name__ == "__main__":
    main()
