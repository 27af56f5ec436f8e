"""The words of a message that carried its score."""

from dataclasses import dataclass

from nlu.assessment import Assessment, EvidenceWord

STEPS = 3
"""Shades on the screen."""

TOO_LITTLE = 0.15
"""Words that carried less than this part of what the strongest one did are not marked."""


@dataclass(frozen=True)
class Piece:
    """Part of a message.

    Attributes:
        text: Its characters.
        weight: 0 for a part that is not marked, to 3 for the words that carried most.
        said: What the word did, in words; empty for a part that is not marked.
    """

    text: str
    weight: int = 0
    said: str = ""


def pieces(text: str, assessment: Assessment | None) -> tuple[Piece, ...]:
    """A message in parts, with the words marked that carried polarity and intensity.

    Args:
        text: What is shown.
        assessment: Its scores. Of those of another wording nothing is marked: their places are of
            the masked message.
    """
    if assessment is None or assessment.evidence is None or assessment.text != text:
        return (Piece(text),)
    found: list[Piece] = []
    at = 0
    marked = _marked(assessment.evidence.words, assessment.polarity)
    for word, weight, said in marked:
        if at <= word.start < word.end <= len(text):
            found += [
                Piece(text[at : word.start]),
                Piece(text[word.start : word.end], weight, said),
            ]
            at = word.end
    return tuple(piece for piece in [*found, Piece(text[at:])] if piece.text)


def _marked(words: list[EvidenceWord], polarity: str) -> list[tuple[EvidenceWord, int, str]]:
    strongest = max((_strength(word) for word in words), default=0.0)
    if strongest <= 0:
        return []
    shares = [(word, _strength(word) / strongest) for word in words]
    return [
        (word, min(int(share * STEPS) + 1, STEPS), _said(word, polarity))
        for word, share in shares
        if share >= TOO_LITTLE
    ]


def _strength(word: EvidenceWord) -> float:
    # What spoke against the score did not carry it.
    return max(word.polarity, 0.0) + max(word.intensity, 0.0)


def _said(word: EvidenceWord, polarity: str) -> str:
    return f"{polarity} {word.polarity:+.1f}, intensity {word.intensity:+.1f}"
