"""One message as the classifier reads it, opened up for who asks how its scores came about."""

import torch
from torch import Tensor

from nlu.classifier import Classifier
from nlu.words import Reading, Word


class ReadMessage:
    """What the scores of one message are a function of.

    The scores asked about are two log-odds: of the likeliest polarity against the others, and of
    an intensity above a level, as the mean of the three levels. Log-odds, because a probability
    close to 1 hardly moves whatever is taken from the message.

    Attributes:
        text: The message.
        words: The words that the model reads; those of a long message beyond its end are missing.
        shouted: Whether the model is told that the message is in capitals.
        ids: Token ids, (1, tokens).
        parts: 1 where a token is a part of a word, else 0, (words, tokens).
        hidden: Last hidden states, (1, tokens, width); the heads read their mean.
        polarity: Which class of polarity is the likeliest.
    """

    def __init__(self, classifier: Classifier, text: str) -> None:
        self.classifier = classifier
        self.text = text
        reading = Reading(text)
        tokens = classifier.tokens_of_prepared([reading.text])
        self.shouted = reading.shouted
        self.ids: Tensor = tokens["input_ids"]
        sources = reading.sources(tokens.encodings[0].offsets)
        read = sorted({source for source in sources if source is not None})
        self.words: list[Word] = [reading.words[place] for place in read]
        parts = [[float(source == place) for source in sources] for place in read]
        self.parts = torch.tensor(parts, device=self.ids.device).reshape(len(read), len(sources))
        self.hidden = self._hidden()
        polarity = classifier.model.heads["polarity"](self.hidden.mean(1))
        self.polarity = int(classifier.manifest.calibrated("polarity", polarity).argmax())

    def by_attention(self, masks: Tensor) -> Tensor:
        """Scores by which tokens the model may look at: masks (rows, tokens) to (rows, 2)."""
        ids = self.ids.expand(len(masks), -1)
        return self.log_odds(self.classifier.model(ids, masks))

    def by_words(self, kept: Tensor) -> Tensor:
        """Scores by which words the model may look at: 1 or 0 (rows, words) to (rows, 2)."""
        return self.by_attention(1 - (1 - kept) @ self.parts)

    def by_hidden(self, hidden: Tensor) -> Tensor:
        """Scores by last hidden states: (rows, tokens, width) to (rows, 2)."""
        vectors = hidden.mean(1)
        heads = self.classifier.model.heads
        return self.log_odds({name: heads[name](vectors) for name in ("polarity", "intensity")})

    def by_word(self, tokens: Tensor) -> Tensor:
        """Add up values of tokens to values of words: (rows, tokens) to (rows, words)."""
        return tokens @ self.parts.T

    def log_odds(self, logits: dict[str, Tensor]) -> Tensor:
        """Scores by the logits of the heads: (rows, outputs) each to (rows, 2)."""
        calibrated = self.classifier.manifest.calibrated
        polarity = calibrated("polarity", logits["polarity"])
        others = [place for place in range(polarity.shape[1]) if place != self.polarity]
        likeliest = polarity[:, self.polarity] - polarity[:, others].logsumexp(1)
        stronger = calibrated("intensity", logits["intensity"]).mean(1)
        return torch.stack([likeliest, stronger], dim=1)

    def _hidden(self) -> Tensor:
        encoder, everything = self.classifier.model.encoder, torch.ones_like(self.ids)
        with torch.no_grad():
            found: Tensor = encoder(input_ids=self.ids, attention_mask=everything).last_hidden_state
        return found.float()
