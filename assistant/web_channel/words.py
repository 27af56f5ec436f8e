"""What shoppers read from the web channel itself, by language."""

from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "words"


class Words:
    """Sentences by key and language."""

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "Words":
        """Read `<language>.yml` files."""
        raise NotImplementedError

    def say(self, key: str, language: str, **facts: Any) -> str:
        """The sentence; in English where the language lacks it."""
        raise NotImplementedError
