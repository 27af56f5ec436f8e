"""How angry one message is with the shop: the classifier's severity, and the words beside it."""

from collections.abc import Collection, Mapping
from math import prod

import emoji

from nlu.assessment import Assessment, Polarity
from nlu.text import is_shouted
from tickets.cues import Cue

AT_THRESHOLD = 0.5
"""What a message amounts to whose severity is just at the adapter's threshold."""

WEIGHTS: Mapping[Cue, float] = {
    Cue.FURY: 0.5,
    Cue.SCORN: 0.55,
    Cue.BLAME: 0.35,
    Cue.AGAIN: 0.2,
}
SHOUTING = 0.3
ANGRY_EMOJI = 0.35
ANGRY_EMOJIS = frozenset("😡🤬😤👿💢🖕")
AT_OTHERS = 0.5
"""So much of the anger at a courier or a neighbour is the shop's."""
ASKED_KINDLY = 0.85
"""So much is left of it where the words only ask: "I no longer want it, please call it off"."""


def anger(scores: Assessment, cues: Collection[Cue]) -> float:
    """How angry a message is with the shop, 0 to 1.

    The classifier's severity, on a scale on which its threshold is a half, and the cues are taken
    as causes of which each may suffice alone, a noisy-OR (Pearl 1988, "Probabilistic Reasoning in
    Intelligent Systems", 4.3.2): 1 − (1 − severity) ∏ (1 − weight). Anger at others, and words that
    only ask, count for a share of that.

    Args:
        scores: What the classifier says of it.
        cues: What its words say.
    """
    if is_good_news(scores, cues):
        return 0.0
    total = 1 - (1 - _severity(scores)) * prod(1 - weight for weight in _weights(scores, cues))
    at_others = Cue.THIRD_PARTY in cues and Cue.AT_SHOP not in cues
    only_polite = Cue.POLITE in cues and not WEIGHTS.keys() & cues
    return total * (AT_OTHERS if at_others else 1) * (ASKED_KINDLY if only_polite else 1)


def is_good_news(scores: Assessment, cues: Collection[Cue]) -> bool:
    """Whether a message says that a trouble is over, and is not upset about anything else."""
    upset = WEIGHTS.keys() & cues or _severity(scores) >= AT_THRESHOLD
    return Cue.GOOD_NEWS in cues and not upset


def _severity(scores: Assessment) -> float:
    """Severity, in which an adapter's own threshold, whatever it is, is a half."""
    # A face says how, not what about: it is weighed below, and calls nobody alone.
    if scores.polarity is not Polarity.NEGATIVE or not any(map(str.isalpha, scores.text)):
        return 0.0
    severity, threshold = scores.severity, scores.severity_threshold
    if severity < threshold:
        return AT_THRESHOLD * severity / threshold
    above = (severity - threshold) / (1 - threshold) if threshold < 1 else 1.0
    return AT_THRESHOLD + (1 - AT_THRESHOLD) * above


def _weights(scores: Assessment, cues: Collection[Cue]) -> list[float]:
    found = [weight for cue, weight in WEIGHTS.items() if cue in cues]
    kind = scores.polarity is Polarity.POSITIVE or Cue.POLITE in cues
    if is_shouted(scores.text) and not kind:
        found.append(SHOUTING)
    if any(one["emoji"] in ANGRY_EMOJIS for one in emoji.emoji_list(scores.text)):
        found.append(ANGRY_EMOJI)
    return found
