"""What shoppers read when a person comes into their chat or leaves it."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

FILE = Path(__file__).with_name("notices.yml")
DEFAULT_LANGUAGE = "en"

Words = dict[str, dict[str, str]]


def notice(kind: Literal["joined", "left"], name: str | None, language: str) -> str:
    """The words of a notice; in English where there are none in that language."""
    words = _words().get(language) or _words()[DEFAULT_LANGUAGE]
    # Only the shop's own words are a pattern; a name may hold any sign.
    return words[kind if name else "left_unnamed"].replace("{name}", name or "")


@lru_cache(maxsize=1)
def _words() -> Words:
    words: Words = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return words
