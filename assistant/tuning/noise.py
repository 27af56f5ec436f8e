"""Typos and slang of a shopper in a hurry, put into clean messages; one seed gives one result."""

import random
import re
from collections.abc import Callable

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SLANG = {
    "please": ("pls", "plz"),
    "thank you": ("thx", "ty"),
    "thanks": ("thx",),
    "want to": ("wanna",),
    "going to": ("gonna",),
    "have to": ("gotta", "hafta"),
    "give me": ("gimme",),
    "let me": ("lemme",),
    "you": ("u", "ya"),
    "your": ("ur",),
    "are": ("r",),
    "to": ("2",),
    "for": ("4",),
    "because": ("cuz", "bc"),
    "before": ("b4",),
    "what": ("wat", "wut"),
    "about": ("abt",),
    "with": ("w/",),
    "without": ("w/o",),
    "tomorrow": ("tmrw",),
    "something": ("smth",),
    "someone": ("sb",),
    "people": ("ppl",),
    "information": ("info",),
    "message": ("msg",),
    "know": ("kno",),
    "through": ("thru",),
    "really": ("rly",),
    "right now": ("rn",),
    "as soon as possible": ("asap",),
    "i do not": ("i dont", "idt"),
    "i don't know": ("idk",),
    "the": ("da", "teh"),
}
FILLERS = ("hey", "um", "so", "ok so", "well", "tbh", "sry", "yo", "hi", "lol", "btw", "like")
TYPO_RATE = 0.15
"""Share of the words of `TYPO_LENGTH` letters and more that get one typo."""
TYPO_LENGTH = 4
LOWER_RATE, BARE_RATE, SLANG_RATE, JOINED_RATE, FILLER_RATE = 0.7, 0.7, 0.5, 0.15, 0.25
MIN_JOINED = 3


def noisy(text: str, rng: random.Random) -> str:
    """Write a message as somebody in a hurry would.

    At least one typo, slang for half of the words that have it, and in some messages no capitals,
    no punctuation, two words run together, or a filler before or behind.

    Args:
        text: The clean message.
        rng: Where chance comes from; the same state gives the same words.
    """
    if rng.random() < LOWER_RATE:
        text = text.lower()
    if rng.random() < BARE_RATE:
        text = re.sub(r"[.,!?;:'\"]", "", text)
    words = _with_typos(_with_slang(text, rng).split(), rng)
    if len(words) >= MIN_JOINED and rng.random() < JOINED_RATE:
        place = rng.randrange(len(words) - 1)
        words[place : place + 2] = ["".join(words[place : place + 2])]
    if rng.random() < FILLER_RATE:
        words.insert(rng.choice((0, len(words))), rng.choice(FILLERS))
    return " ".join(words)


def _with_slang(text: str, rng: random.Random) -> str:
    for words, short in SLANG.items():
        if rng.random() < SLANG_RATE:
            replacement = rng.choice(short)
            text = re.sub(rf"\b{words}\b", replacement, text, flags=re.IGNORECASE)
    return text


def _with_typos(words: list[str], rng: random.Random) -> list[str]:
    long = [
        place for place, word in enumerate(words) if len(word) >= TYPO_LENGTH and word.isalpha()
    ]
    hit = {place for place in long if rng.random() < TYPO_RATE}
    if long and not hit:
        hit = {rng.choice(long)}
    return [_typo(word, rng) if at in hit else word for at, word in enumerate(words)]


def _typo(word: str, rng: random.Random) -> str:
    # The first letter is rarely the wrong one.
    place = rng.randrange(1, len(word))
    return rng.choice(TYPOS)(word, place, rng)


def _drop(word: str, place: int, _: random.Random) -> str:
    return word[:place] + word[place + 1 :]


def _double(word: str, place: int, _: random.Random) -> str:
    return word[:place] + word[place] + word[place:]


def _swap(word: str, place: int, _: random.Random) -> str:
    place = min(place, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _neighbour(word: str, place: int, rng: random.Random) -> str:
    letter = word[place].lower()
    row = next((row for row in KEYS if letter in row), letter)
    at = row.index(letter)
    beside = [row[near] for near in (at - 1, at + 1) if 0 <= near < len(row)]
    return word[:place] + rng.choice(beside or [letter]) + word[place + 1 :]


TYPOS: tuple[Callable[[str, int, random.Random], str], ...] = (_drop, _double, _swap, _neighbour)
