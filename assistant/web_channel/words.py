"""What shoppers read from the web channel itself, by language."""

from collections.abc import Mapping
from pathlib import Path
from string import Formatter

import yaml

FOLDER = Path(__file__).parent / "words"
DEFAULT_LANGUAGE = "en"
KEYS: Mapping[str, frozenset[str]] = {
    "action_failed": frozenset(),
    "late": frozenset(),
    "broken": frozenset(),
    "no_words": frozenset(),
    "kept": frozenset(),
    "kept_for_agent": frozenset({"name"}),
    "kept_for_colleague": frozenset(),
    "not_kept": frozenset(),
    "card_removed": frozenset(),
    "bad_token": frozenset(),
    "expired_token": frozenset(),
    "bad_origin": frozenset(),
    "too_many": frozenset({"seconds"}),
    "too_many_files": frozenset(),
    "too_long": frozenset({"max_chars"}),
    "too_big": frozenset({"max_megabytes"}),
    "bad_type": frozenset(),
    "bad_message": frozenset(),
    "unavailable": frozenset(),
    "no_identity": frozenset(),
}
"""Every sentence there is, and the facts that it may use."""


class WordsError(ValueError):
    """A file of words cannot be used; the message says which and what to do."""


class Words:
    """Sentences by language and key."""

    def __init__(self, sentences: Mapping[str, Mapping[str, str]]) -> None:
        self._sentences = sentences

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "Words":
        """Read every `<language>.yml` of a folder.

        Raises:
            WordsError: English is not complete, or a sentence has an unknown key or fact.
        """
        files = sorted(folder.glob("*.yml"))
        sentences = {file.stem: _read(file) for file in files}
        missing = KEYS.keys() - sentences.get(DEFAULT_LANGUAGE, {}).keys()
        if missing:
            raise WordsError(
                f"{folder / DEFAULT_LANGUAGE}.yml: expected a sentence for every key, found none "
                f"for {', '.join(sorted(missing))}. Add it; other languages fall back to English."
            )
        return cls(sentences)

    def say(self, key: str, language: str, **facts: str | float) -> str:
        """The sentence in this language, else in English.

        Args:
            key: one of `KEYS`.
            language: such as `zh`, `zh-CN` or `zh_Hant`; any text will do.
            facts: what the sentence may use, as `KEYS` says.

        Raises:
            KeyError: no such key.
        """
        tongue = language.replace("_", "-").split("-")[0].lower()
        sentence = self._sentences.get(tongue, {}).get(key)
        return (sentence or self._sentences[DEFAULT_LANGUAGE][key]).format(**facts)


def _read(file: Path) -> dict[str, str]:
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise WordsError(f"{file}: expected lines of `key: sentence`, found something else.")
    for key, sentence in found.items():
        _check(file, str(key), str(sentence))
    return {str(key): str(sentence) for key, sentence in found.items()}


def _check(file: Path, key: str, sentence: str) -> None:
    if key not in KEYS:
        raise WordsError(
            f"{file}: expected one of {', '.join(KEYS)}, found the key {key}. Correct or remove it."
        )
    unknown = _facts(file, key, sentence) - KEYS[key]
    if unknown:
        raise WordsError(
            f"{file}: {key}: expected no facts but {', '.join(KEYS[key]) or 'none'}, found "
            f"{', '.join(sorted(unknown))}. Take them out of the sentence."
        )


def _facts(file: Path, key: str, sentence: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
    except ValueError as error:
        raise WordsError(
            f"{file}: {key}: expected facts as {{name}}, found {error}. Write {{{{ for a brace."
        ) from error
