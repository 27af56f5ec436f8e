"""Scores a message by a word list when the classifier cannot."""

import math
from functools import lru_cache

from vaderSentiment.vaderSentiment import NEGATE, SentimentIntensityAnalyzer

from nlu.assessment import OTHER, Assessment, Intensity, Polarity, Unreadable
from nlu.text import is_shouted, meaning, unreadable

MODEL_NAME = "lexicon-vader"
# VADER's own limits for a neutral text (Hutto & Gilbert 2014): compound between −0.05 and 0.05.
NEUTRAL = 0.05
LEVELS = ((0.75, Intensity.EXTREME), (0.5, Intensity.STRONG), (0.25, Intensity.MEDIUM))
# A word list misses half of what is meant, so it hands over early: from medium upwards.
SEVERITY_THRESHOLD = 0.25

EXTREME_RATING = 4.0
NEGATION = 0.5
"""What a negation is worth beside the mood of a word, 0…1: it turns what others say."""


@lru_cache(maxsize=1)
def _analyzer() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()


def mood_of_word(word: str) -> float:
    """How much mood the list knows of one word, 0…1, whichever; a negation has some."""
    bare = word.casefold().strip("#!?")
    if bare in NEGATE:
        return NEGATION
    return abs(float(_analyzer().lexicon.get(bare, 0.0))) / EXTREME_RATING


def assess_by_lexicon(text: str, reason: str) -> Assessment | Unreadable:
    """Assess a cleaned, masked message without a model, in under a millisecond.

    Args:
        text: The message.
        reason: Why the classifier did not assess it.

    Returns:
        An assessment marked `degraded`, of category `other`, that leans to the human; or
        `Unreadable`, as the classifier would say.
    """
    why = unreadable(text)
    return Unreadable(text=text, reason=why) if why else _score(text, reason)


def _score(text: str, reason: str) -> Assessment:
    # VADER's own names for emoji hold few words that it knows; 😡 would be neutral.
    valence = float(_analyzer().polarity_scores(meaning(text))["compound"])
    strength = 1.0 if is_shouted(text) and valence < 0 else abs(valence)
    polarity = _polarity(valence)
    severity = strength if polarity is Polarity.NEGATIVE else 0.0
    return Assessment(
        text=text,
        polarity=polarity,
        polarity_probs=_probs(valence),
        valence=valence,
        intensity=next((name for least, name in LEVELS if strength >= least), Intensity.WEAK),
        complaint=max(0.0, -valence),
        subjectivity=abs(valence),
        severity=severity,
        severity_threshold=SEVERITY_THRESHOLD,
        category=OTHER,
        similarity=0.0,
        runners_up=[],
        model=MODEL_NAME,
        degraded=True,
        degraded_reason=reason,
    )


def _polarity(valence: float) -> Polarity:
    if abs(valence) < NEUTRAL:
        return Polarity.NEUTRAL
    return Polarity.NEGATIVE if valence < 0 else Polarity.POSITIVE


def _probs(valence: float) -> dict[Polarity, float]:
    """Spread one compound score over three classes, neutral at 0, certain at ±1."""
    weights = {Polarity.NEGATIVE: -valence, Polarity.NEUTRAL: NEUTRAL, Polarity.POSITIVE: valence}
    powers = {name: math.exp(weight * 4) for name, weight in weights.items()}
    total = sum(powers.values())
    return {name: power / total for name, power in powers.items()}
