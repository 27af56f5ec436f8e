"""Emoji of like feeling."""

import random

import emoji

from finetune.augment.labels import ANY_STRENGTH, is_strong, keep_all, keep_only, sign_of
from finetune.samples import Sample

# By sign and strength; within a group one emoji says what another does.
GROUPS: dict[tuple[int, bool], tuple[str, ...]] = {
    (-1, True): ("😡", "🤬", "😤", "👿"),
    (-1, False): ("🙁", "😕", "😞", "😟"),
    (1, False): ("🙂", "😊", "👍", "☺️"),
    (1, True): ("😍", "🥰", "🤩", "💖"),
}
_GROUP_OF = {sign: group for group in GROUPS.values() for sign in group}


def change_emoji(text: str, rng: random.Random, feeling: tuple[int, bool] | None) -> str:
    """Swap each emoji for one of like feeling, or add one where there is none.

    Args:
        text: A message.
        rng: Source of chance.
        feeling: −1 or 1 for how the message feels, and whether strongly; None: add nothing.
    """
    if emoji.emoji_count(text):
        return emoji.replace_emoji(text, lambda found, _: _like(found, rng))
    return text if feeling is None else f"{text} {rng.choice(GROUPS[feeling])}"


def _like(found: str, rng: random.Random) -> str:
    others = [sign for sign in _GROUP_OF.get(found, ()) if sign != found]
    return rng.choice(others) if others else found


class Emojis:
    """Adds or swaps emoji; an added one feels as the labels say, so it flips nothing."""

    def apply(self, sample: Sample, rng: random.Random) -> Sample:
        """The sample with another emoji."""
        sign, strong = sign_of(sample), is_strong(sample)
        text = change_emoji(sample.text, rng, (sign, bool(strong)) if sign else None)
        if emoji.emoji_count(sample.text):
            return keep_all(sample, text)
        # Where the strength is labelled, the emoji has that strength, and the labels stay true.
        known = {"valence", "intensity"} if strong is not None else set()
        return keep_only(sample, text, ANY_STRENGTH | known)
