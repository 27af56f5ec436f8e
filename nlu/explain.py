"""Which words of a message carried its polarity and its intensity."""

from collections.abc import Sequence

import torch
from captum.attr import FeatureAblation, InputXGradient
from torch import Tensor

from nlu.assessment import Evidence, EvidenceWord
from nlu.classifier import Classifier
from nlu.lexicon import mood_of_word
from nlu.manifest import AdapterError
from nlu.read_message import ReadMessage

TARGETS = [0, 1]
"""Columns of the scores of a `ReadMessage`: polarity and intensity."""

WORK = 256
"""So many tokens may be read to weigh the words of one message, a tenth of a second on one core:
enough for all words of a message of 14, and for 9 of one of 25."""

LEAST_WEIGHED = 4
MOST_TOLD = 5
LEAST_TOLD = 0.25
"""Of the strongest word's weight: what has less carried nothing worth telling."""

DIGITS = 3


class Explainer:
    """Weighs words by leaving out one at a time.

    The weight of a word is what the log-odds of a score lose when the model may not look at it:
    feature ablation (captum), the features being the model's attention to each word. It costs one
    reading a word. Where a message is too long for that, the words are weighed that contribute
    most to the mean from which the heads read, or that a word list knows to hold mood.
    `finetune.faithfulness` compares it with gradients.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def explain(self, text: str) -> Evidence:
        """Weigh the words of a cleaned, masked message.

        Returns:
            The words that were weighed, all of them in a message of usual length.

        Raises:
            AdapterError: a weight is not finite.
        """
        message = ReadMessage(self._classifier, text)
        places = worth_weighing(message)
        weights = ablate(message, places)
        self._refuse_infinite(weights)
        words = [
            EvidenceWord(
                text=text[message.words[place].start : message.words[place].end],
                start=message.words[place].start,
                end=message.words[place].end,
                polarity=round(polarity, DIGITS),
                intensity=round(intensity, DIGITS),
            )
            for place, (polarity, intensity) in zip(places, weights.T.tolist(), strict=True)
        ]
        return Evidence(words=words, capitals=message.shouted)

    def _refuse_infinite(self, weights: Tensor) -> None:
        if not torch.isfinite(weights).all():
            raise AdapterError(
                f"adapter {self._classifier.manifest.name}: expected finite weights of the words, "
                "found NaN or infinity. Go back to an earlier adapter, or set "
                "AMENDS_PRECISION=fp32."
            )


def strongest(evidence: Evidence) -> Evidence:
    """The few words that carried most, in the order of the message; none that took away."""
    if not evidence.words:
        return evidence
    weights = torch.tensor([[word.polarity, word.intensity] for word in evidence.words])
    shares = relative(weights.T).amax(0)
    best = sorted(shares.topk(min(MOST_TOLD, len(shares))).indices.tolist())
    told = [evidence.words[place] for place in best if shares[place] >= LEAST_TOLD]
    return evidence.model_copy(update={"words": told})


def worth_weighing(message: ReadMessage) -> list[int]:
    """Places of the words to weigh, in their order: as many as there is time for."""
    room = max(LEAST_WEIGHED, WORK // message.ids.shape[1])
    if len(message.words) <= room:
        return list(range(len(message.words)))
    shares = relative(contributions(message))
    # By how far a word stands out: where every state holds all of the mood, none is worth more.
    out = (shares - shares.median(1, keepdim=True).values).amax(0)
    return sorted((out + moods(message)).topk(room).indices.tolist())


def moods(message: ReadMessage) -> Tensor:
    """What a word list knows of the mood of each word, (words,), 0…1."""
    words = [message.text[word.start : word.end] for word in message.words]
    return torch.tensor([mood_of_word(word) for word in words], device=message.ids.device)


def contributions(message: ReadMessage) -> Tensor:
    """What each word's hidden states add to the scores, (2, words); costs no further reading.

    Gradient × input, which for linear heads on a mean is exact; but by then each hidden state
    holds something of every other word.
    """
    rows = message.hidden.repeat(len(TARGETS), 1, 1).requires_grad_()
    found: Tensor = InputXGradient(message.by_hidden).attribute(rows, target=TARGETS)
    return message.by_word(found.sum(-1)).detach()


def ablate(message: ReadMessage, places: Sequence[int]) -> Tensor:
    """What the scores lose without each of these words, (2, words)."""
    if not places:
        return torch.zeros(len(TARGETS), 0)

    def scores(kept: Tensor) -> Tensor:
        # Captum wants a row for each target; they are alike, so one of them is read for both.
        masks = torch.ones(len(kept) // len(TARGETS), len(message.words), device=kept.device)
        masks[:, list(places)] = kept[:: len(TARGETS)]
        whole = bool(masks.all())
        found = message.by_hidden(message.hidden) if whole else message.by_words(masks)
        return found.repeat_interleave(len(TARGETS), dim=0)

    switches = torch.ones(len(TARGETS), len(places), device=message.ids.device)
    weights: Tensor = FeatureAblation(scores).attribute(
        switches, target=TARGETS, perturbations_per_eval=len(places)
    )
    return weights


def relative(weights: Tensor) -> Tensor:
    """Weights (2, words) as shares of the greatest in each row."""
    return weights / weights.abs().amax(1, keepdim=True).clamp(min=torch.finfo(weights.dtype).tiny)
