"""What this shop's tickets can be about, and the words that replies may start from."""

from functools import cache
from pathlib import Path

from amends.settings import Settings
from desk.pages.transcript import Entry
from nlu.assessment import OTHER
from nlu.category_file import CategoryFile, read_categories
from templates import Replies, Reply, Situation


def category_names(settings: Settings) -> tuple[str, ...]:
    """The categories of this shop, `other` last.

    Raises:
        CategoriesError: the file cannot be used.
    """
    return (*_categories(settings.categories_file).categories, OTHER)


def suggested(settings: Settings, entry: Entry | None) -> tuple[Reply, ...]:
    """Replies that an agent may start from.

    Args:
        settings: They say which templates, and in which language.
        entry: The message to reply to.

    Raises:
        TemplateError: the templates cannot be used.
        CategoriesError: the file of categories cannot be used.
    """
    assessment = entry.assessment if entry else None
    feeling = (
        {"polarity": assessment.polarity, "intensity": assessment.intensity} if assessment else {}
    )
    category = (entry.category if entry else None) or OTHER
    situation = Situation.model_validate(
        {
            "kind": "suggested",
            "language": settings.language,
            "facts": {
                "category_label": _categories(settings.categories_file).label(
                    category, settings.language
                )
            },
            **feeling,
        }
    )
    return _replies(settings.templates_dir).all(situation)


@cache
def _categories(path: Path) -> CategoryFile:
    return read_categories(path)


@cache
def _replies(folder: Path) -> Replies:
    return Replies(folder)
