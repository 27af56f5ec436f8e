"""Other ways to weigh the words of a message, to measure the one that serves against."""

from collections.abc import Callable

import torch
from captum.attr import (
    LayerGradientXActivation,
    LayerIntegratedGradients,
)
from torch import Tensor

from nlu.explain import TARGETS, ablate, contributions, worth_weighing
from nlu.read_message import ReadMessage

Weigh = Callable[[ReadMessage], Tensor]
"""Gives each word its weight for polarity and for intensity, (2, words)."""

STEPS = 8
SEED = 0


def as_served(message: ReadMessage) -> Tensor:
    """Leave out the words that are worth it, as `nlu.explain.Explainer` does; 0 for the others."""
    places = worth_weighing(message)
    weights = torch.zeros(len(TARGETS), len(message.words))
    weights[:, places] = ablate(message, places).float()
    return weights


def every_word(message: ReadMessage) -> Tensor:
    """Leave out every word in turn, however many there are."""
    return ablate(message, range(len(message.words)))


def at_random(message: ReadMessage) -> Tensor:
    """Draw the weights: what a way to weigh must beat."""
    generator = torch.Generator().manual_seed(SEED + len(message.words))
    return torch.rand(len(TARGETS), len(message.words), generator=generator)


def gradient_x_input(message: ReadMessage) -> Tensor:
    """Gradient × input on the word embeddings (Shrikumar, Greenside & Kundaje 2017)."""
    method = LayerGradientXActivation(_scores(message), _embeddings(message))
    return _by_word(message, method.attribute(_rows(message), target=TARGETS))


def integrated_gradients(message: ReadMessage) -> Tensor:
    """Integrated gradients on the word embeddings, from padding (Sundararajan et al. 2017)."""
    method = LayerIntegratedGradients(_scores(message), _embeddings(message))
    words = message.parts.sum(0).bool()
    # The marks at start and end stay: without them there is no message at all.
    empty = torch.where(words, torch.zeros_like(message.ids), message.ids)
    found = method.attribute(
        _rows(message),
        baselines=empty.repeat(len(TARGETS), 1),
        target=TARGETS,
        n_steps=STEPS,
    )
    return _by_word(message, found)


WAYS: dict[str, Weigh] = {
    "as served": as_served,
    "ablation of every word": every_word,
    "part in the mean": contributions,
    f"integrated gradients, {STEPS} steps": integrated_gradients,
    "gradient x input": gradient_x_input,
    "random": at_random,
}


def _scores(message: ReadMessage) -> Callable[[Tensor], Tensor]:
    def scores(ids: Tensor) -> Tensor:
        return message.log_odds(message.classifier.model(ids, torch.ones_like(ids)))

    return scores


def _rows(message: ReadMessage) -> Tensor:
    return message.ids.repeat(len(TARGETS), 1)


def _embeddings(message: ReadMessage) -> torch.nn.Module:
    layer: torch.nn.Module = message.classifier.model.encoder.get_input_embeddings()  # type: ignore[operator]
    return layer


def _by_word(message: ReadMessage, found: Tensor) -> Tensor:
    return message.by_word(found.sum(-1).float()).detach()
