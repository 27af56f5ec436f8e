"""What quick-reply buttons say, by language; a press sends the title as the shopper's words."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from templates.wordings import ENGLISH, TemplateError

FILE = "buttons.yml"


class ButtonTitles:
    """Titles of one folder of templates: `<language>/buttons.yml`, a title a line."""

    def __init__(self, folder: Path) -> None:
        """Read the folder.

        Raises:
            TemplateError: a file cannot be read, or a language has other keys than English.
        """
        self._titles = {path.parent.name: _read(path) for path in sorted(folder.glob(f"*/{FILE}"))}
        if ENGLISH not in self._titles:
            raise TemplateError(f"{folder / ENGLISH / FILE}: expected a file, found none.")
        for language, titles in self._titles.items():
            _refuse_other_keys(folder / language / FILE, titles, self._titles[ENGLISH])

    def of(self, key: str, language: str) -> str:
        """The title in that language, else in English.

        Raises:
            KeyError: there is no such button.
        """
        return self._titles.get(language, self._titles[ENGLISH])[key]


def _read(path: Path) -> dict[str, str]:
    try:
        titles = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TemplateError(
            f"{path}: expected YAML in UTF-8, found: {error}. Correct it."
        ) from error
    if not isinstance(titles, dict) or not all(
        isinstance(title, str) and title.strip() for title in titles.values()
    ):
        raise TemplateError(
            f"{path}: expected one `key: title` a line with words in it. Correct it."
        )
    return titles


def _refuse_other_keys(path: Path, titles: Mapping[str, str], expected: Mapping[str, str]) -> None:
    missing, unknown = sorted(expected.keys() - titles), sorted(titles.keys() - expected)
    if missing or unknown:
        raise TemplateError(
            f"{path}: expected the buttons of the English file; missing: "
            f"{', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}. "
            "Add or remove them."
        )
