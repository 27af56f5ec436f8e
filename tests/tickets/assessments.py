"""Scores of a message, as a test wants them."""

from nlu.assessment import Assessment, Polarity


def assessed(text="My parcel is late.", **changes):
    """A weakly negative complaint, but for the changes; its polarity is a certain one."""
    polarity = Polarity(changes.get("polarity", "negative"))
    values = {
        "text": text,
        "polarity": polarity,
        "polarity_probs": {polarity: 1.0},
        "valence": 0.0,
        "intensity": "medium",
        "complaint": 0.9,
        "subjectivity": 0.5,
        "severity": 0.1,
        "severity_threshold": 0.44,
        "category": "delivery",
        "similarity": 0.6,
        "runners_up": [],
        "model": "default 1",
    }
    return Assessment(**{**values, **changes})
