"""What is read of a message, and whether there is anything to read."""

import html
import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

import emoji

UnreadableReason = Literal["no_text", "other_script"]

SCRIPTS = {
    "ar": ("ARABIC",),
    "bg": ("CYRILLIC",),
    "el": ("GREEK",),
    "fa": ("ARABIC",),
    "he": ("HEBREW",),
    "hi": ("DEVANAGARI",),
    "ja": ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"),
    "ko": ("HANGUL",),
    "ru": ("CYRILLIC",),
    "th": ("THAI",),
    "uk": ("CYRILLIC",),
    "ur": ("ARABIC",),
    "zh": ("CJK",),
}
"""Scripts of languages that are not written in Latin letters, as Unicode names their letters."""

SHOUTED_WORDS = 2
SHOUTED_SHARE = 0.3
SHOUTED_MARK = "shouting: "
"""Stands before a message in capitals, because the default base does not see them."""

# With half characters (a cut emoji in JSON), which no file and no database takes.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_SOFT_HYPHEN = "\u00ad"
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_BLANKS = re.compile(r"\s+")
_LONG_RUN = re.compile(r"(\D)\1{3,}")
_WORD = re.compile(r"[^\W\d_]{3,}")
_HANDLE = re.compile(r"(?<!\w)@\w+")
_LINK = re.compile(r"https?://\S+|www\.\S+")
_USER = " @user "
# What was masked, and the number of an order: they say whose it is, not what it is about.
_WHOSE = re.compile(r"\[(?:email|card|iban|ip|phone)\]|(?<!\w)#?[A-Za-z]{1,3}-?\d{4,}(?!\w)")


def clean(text: str, limit: int) -> str:
    """The message as it is kept: no control characters, single blanks, at most `limit` long.

    Compatibility forms (full-width digits, ligatures) and the digits of other alphabets are folded,
    so that a card number cannot pass the mask in them. A line that is pasted many times over stands
    there once: it says no more, and the classifier would take it for insisting.
    """
    lines = _once(text[:limit])
    # Folding can lengthen a text (one ligature makes up to 18 letters), hence cut on both sides.
    folded = unicodedata.normalize("NFKC", lines.replace(_SOFT_HYPHEN, ""))
    folded = _OTHER_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), folded)
    return _BLANKS.sub(" ", _CONTROL.sub(" ", folded)).strip()[:limit]


def _once(text: str) -> str:
    lines = text.splitlines()
    # What has no letters stays: it may be the groups of a card number, each on a line.
    return "\n".join(
        line
        for line, before in zip(lines, ["", *lines], strict=False)
        if line != before or not any(map(str.isalpha, line))
    )


def prepare(text: str) -> str:
    """The message as the classifier reads it.

    The default base knows neither capitals nor emoji: shouting is said with a word in front, emoji
    by their names. Of a handle only remains that somebody is addressed; runs of one character are
    cut to three.
    """
    return (SHOUTED_MARK if is_shouted(text) else "") + spelled_out(text)


def spelled_out(text: str) -> str:
    """A message, or a part of one, as the classifier reads it but for the mark of shouting."""
    return _words(text, link=" link ", handle=_USER)


def meaning(text: str) -> str:
    """The message as the sentence encoder reads it: what it is about, not how loud."""
    return _words(_WHOSE.sub(" ", text), link=" ", handle=" ")


def without_handles(text: str) -> str:
    """The message as somebody would type it who writes to the shop itself, not in public."""
    return _BLANKS.sub(" ", _HANDLE.sub(" ", text)).strip()


def _words(text: str, link: str, handle: str) -> str:
    words = _HANDLE.sub(handle, _LINK.sub(link, html.unescape(text)))
    words = emoji.demojize(words, delimiters=(" ", " ")) if emoji.emoji_count(words) else words
    words = _LONG_RUN.sub(r"\1\1\1", words.replace("#", " ").replace("_", " "))
    return _BLANKS.sub(" ", words).strip()


def is_shouted(text: str) -> bool:
    """True if a good share of the words is in capitals."""
    words = _WORD.findall(_without_names(text))
    capitals: int = sum(word.isupper() for word in words)
    return capitals >= SHOUTED_WORDS and capitals / len(words) >= SHOUTED_SHARE


def unreadable(text: str, languages: Iterable[str] = ("en",)) -> UnreadableReason | None:
    """Why nothing can be scored here; None if something can.

    Emoji alone are read, by their names. Beside letters they say nothing about the script, and
    neither do handles and links, which are Latin in every language.

    Args:
        text: The message.
        languages: What the models were made for; only their scripts matter here.
    """
    letters = [char for char in _without_names(text) if char.isalpha()]
    if not letters:
        return None if emoji.emoji_count(text) else "no_text"
    # Latin letters are read whatever the languages: names and slang of every shop are in them.
    scripts = {"LATIN", *(script for code in languages for script in SCRIPTS.get(code, ()))}
    known = sum(unicodedata.name(char, "").split(" ")[0] in scripts for char in letters)
    return None if known * 2 >= len(letters) else "other_script"


def _without_names(text: str) -> str:
    return _HANDLE.sub(" ", _LINK.sub(" ", text))
