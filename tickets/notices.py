"""What shoppers read about the people behind the chat: who comes, who goes, who is waited for."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

FILE = Path(__file__).with_name("notices.yml")
DEFAULT_LANGUAGE = "en"

Kind = Literal["joined", "left", "left_unnamed", "released", "back"]


def notice(kind: Kind, name: str | None, language: str) -> str:
    """The words of a notice; in English where there are none in that language.

    Args:
        kind: What happened: a person came, left, left the shopper waiting for another one
            (`released`), or the assistant is back without anybody having been there (`back`).
        name: The agent's; None when it is not known.
        language: Two letters.
    """
    words = wording(language)
    key = f"{kind}_unnamed" if not name and f"{kind}_unnamed" in words else kind
    # Only the shop's own words are a pattern; a name may hold any sign.
    return str(words[key]).replace("{name}", name or "")


def waiting_notice(expectation: str, language: str) -> str:
    """What a shopper who waits reads once: where their words go, and how to get out."""
    words = wording(language)
    pieces = {"expectation": expectation, "phrase": words["back_phrase"]}
    return " ".join(str(words["waiting"]).format(**pieces).split())


def asks_for_assistant(text: str) -> bool:
    """Whether a shopper writes the phrase of a language that gets them out of waiting.

    Capitals, blanks and punctuation do not matter; anything else beside it does.
    """
    return _letters(text) in {_letters(words["back_phrase"]) for words in _languages().values()}


def wording(language: str) -> dict[str, Any]:
    """Every key of `notices.yml` in that language, else in English."""
    return _languages().get(language) or _languages()[DEFAULT_LANGUAGE]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


@lru_cache(maxsize=1)
def _languages() -> dict[str, dict[str, Any]]:
    words: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return words
