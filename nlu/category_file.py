"""The file that says what a complaint can be about; no training is needed to add a category."""

from pathlib import Path
from typing import Annotated

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)

from amends.errors import AmendsError
from nlu.assessment import OTHER

MIN_EXAMPLES = 3
"""Fewer say more about their own words than about the category."""


Example = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

LanguageCode = Annotated[str, StringConstraints(pattern="^[a-z]{2}$")]


class CategoriesError(AmendsError):
    """The categories file cannot be used; the message names the place."""


class Category(BaseModel):
    """What a complaint can be about.

    Attributes:
        label: Words for the shopper, such as "your delivery".
        labels: The same in other languages, by two letters.
        owner: The team that handles it.
        remedy: What the shop can do about it, one sentence.
        examples: Messages about it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str = Field(min_length=1)
    labels: dict[LanguageCode, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    owner: str = Field(min_length=1)
    remedy: str = Field(min_length=1)
    examples: list[Example] = Field(min_length=MIN_EXAMPLES)


class CategoryFile(BaseModel):
    """The categories by name, and examples of messages that are about none of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    categories: dict[str, Category] = Field(min_length=2)
    other_examples: list[Example] = Field(min_length=MIN_EXAMPLES)

    @field_validator("categories")
    @classmethod
    def _leaves_other_alone(cls, categories: dict[str, Category]) -> dict[str, Category]:
        if OTHER in categories:
            raise ValueError(
                f"{OTHER} is what Amends calls a message that is about none of the categories; "
                "give this one another name, or put its examples under other_examples"
            )
        return categories

    def label(self, name: str, language: str = "en") -> str:
        """Words for the shopper; empty for `other`, about which nothing can be said.

        Args:
            name: Of the category.
            language: Two letters; the category's `label` stands in where it has no other.
        """
        category = self.categories.get(name)
        return category.labels.get(language, category.label) if category else ""


def read_categories(path: Path) -> CategoryFile:
    """Read and validate a categories file.

    Raises:
        CategoriesError: it is missing, no YAML, or not of the expected form.
    """
    try:
        return CategoryFile.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise CategoriesError(
            f"{path}: expected categories with label, owner, remedy and at least {MIN_EXAMPLES} "
            f"examples each, found: {error}. Correct the file, or set AMENDS_CATEGORIES_FILE."
        ) from error
