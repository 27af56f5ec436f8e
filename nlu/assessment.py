"""What the understanding room says of one message."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Similarity = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]

OTHER = "other"
"""The category of a message that is about none of the shop's categories."""


class Polarity(StrEnum):
    """Which way a message feels."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Intensity(StrEnum):
    """How strongly a message feels, from weakest to strongest."""

    WEAK = "weak"
    MEDIUM = "medium"
    STRONG = "strong"
    EXTREME = "extreme"


class RunnerUp(BaseModel):
    """A category that was considered and not chosen."""

    model_config = ConfigDict(frozen=True)

    category: str
    similarity: Similarity


class EvidenceWord(BaseModel):
    """A word, and by how much the scores would fall without it.

    Attributes:
        text: The word as the message has it.
        start: Its first character in the masked message, counted from 0 in Unicode code points.
        end: The character after its last.
        polarity: By how much the log-odds of the polarity fall without it; below 0 they rise.
        intensity: By how much the log-odds of a stronger intensity fall without it.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(gt=0)]
    polarity: FiniteFloat
    intensity: FiniteFloat


class Evidence(BaseModel):
    """Which words carried polarity and intensity.

    Attributes:
        words: In the order of the message.
        capitals: Whether the message counts as shouted; that is no word's, and counts as well.
    """

    model_config = ConfigDict(frozen=True)

    words: list[EvidenceWord]
    capitals: bool = False


class Assessment(BaseModel):
    """Scores of one message.

    Attributes:
        text: The message with personal data masked.
        polarity: The likeliest polarity.
        polarity_probs: Probability of each polarity; sums to 1.
        valence: −1 (very bad) to 1 (very good).
        intensity: How strongly it feels.
        complaint: Probability that it is a complaint.
        subjectivity: Probability that it says what somebody feels or thinks, not what is.
        severity: How much a person should see it, 0…1: whether it is strong and negative, and what
            the labels of agents say of such messages.
        severity_threshold: From which severity on a person should see it; chosen from data.
        category: Name of the category, or `other`.
        similarity: Cosine similarity to that category's examples (for `other`: to the best one).
        runners_up: The next categories, best first.
        model: What scored it: adapter name and version, or the lexicon.
        degraded: True when the classifier did not score it.
        degraded_reason: Why not; None when it did.
        evidence: The words that carried polarity and intensity most; None where nobody asked for
            them or there was no time.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    polarity: Polarity
    polarity_probs: dict[Polarity, Probability]
    valence: Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
    intensity: Intensity
    complaint: Probability
    subjectivity: Probability
    severity: Probability
    severity_threshold: Probability
    category: str
    similarity: Similarity
    runners_up: list[RunnerUp]
    model: str
    degraded: bool = False
    degraded_reason: str | None = None
    evidence: Evidence | None = None


class Unreadable(BaseModel):
    """A message that holds nothing the classifier was made for, so that nothing scores it.

    Attributes:
        text: The message with personal data masked.
        reason: `no_text`: no word in it; `other_language`: in a language that the models were not
            made for; `other_script`: mostly letters of a script that they do not read, in a
            language that nobody could name.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    reason: Literal["no_text", "other_language", "other_script"]
