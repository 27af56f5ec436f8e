"""The small words of the forms by language: `templates/<language>/forms.yml`."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from actions.forms.forms import FORMS
from templates import TemplateError

FILE = "forms.yml"
ENGLISH = "en"
_FORMS = frozenset(FORMS)

Words = Annotated[frozenset[str], Field(min_length=1)]
Table = Annotated[dict[str, str], Field(min_length=1)]


class Phrases(BaseModel):
    """What one language's file says; the English one explains each key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stop: Words
    cancel: Words
    yes: Words
    no: Words
    doubt: Words
    politeness: Words
    everything: Words
    filler: Words
    numbers: dict[str, int]
    countries: Table
    tasks: Table
    tasks_of_order: Table
    why: dict[str, Table]
    instead: Table
    refund_state: Table
    item: str
    joined: str
    date: str
    weekdays: Annotated[tuple[str, ...], Field(min_length=7, max_length=7)]
    months: Annotated[tuple[str, ...], Field(min_length=12, max_length=12)]
    address: str

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Refuse a gap that would be found in front of a shopper."""
        _need("tasks", self.tasks, _FORMS)
        _need("tasks_of_order", self.tasks_of_order, _FORMS)
        _need("why", self.why, {form.why for form in FORMS.values()})
        for name, reasons in self.why.items():
            _need(f"why.{name}", reasons, {"refused", "other"})
        _need("why.after", self.why["after"], {"requested"})
        _need("instead", self.instead, {deed for form in FORMS.values() for deed in form.instead})
        _need("refund_state", self.refund_state, {"requested", "approved", "paid"})
        return self


def _need(name: str, table: Mapping[str, object], keys: Collection[str]) -> None:
    missing = sorted(set(keys) - set(table))
    if missing:
        raise ValueError(f"{name}: expected every key, found none of {', '.join(missing)}")


@lru_cache(maxsize=16)
def phrases(folder: Path, language: str) -> Phrases:
    """Those of a language, of English where it has no file.

    Raises:
        TemplateError: the file cannot be used; says which, where and what to do.
    """
    path = folder / language / FILE
    if not path.exists():
        path = folder / ENGLISH / FILE
    try:
        return Phrases.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise TemplateError(
            f"{path}, {where}: {first['msg']}. Compare the English file."
        ) from error
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise TemplateError(
            f"{path}: expected YAML in UTF-8, found: {error}. Correct it."
        ) from error
