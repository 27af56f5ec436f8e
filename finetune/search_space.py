"""What a search for hyperparameters may try, in one TOML file."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from optuna import Trial
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from finetune.config import ConfigError, TrainConfig, changed

DEFAULT_SPACE = Path(__file__).parent / "configs" / "search.toml"


class Range(BaseModel):
    """Numbers from low to high.

    Attributes:
        low: The least; whole numbers are tried if both ends are.
        high: The most.
        log: Try small values as often as large ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: int | float
    high: int | float
    log: bool = False

    @model_validator(mode="after")
    def _goes_up(self) -> Self:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError(
                f"expected low below high, and above 0 with log, found {self.low} and {self.high}"
            )
        return self

    def suggest(self, name: str, trial: Trial) -> float:
        """A value for a trial."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            return trial.suggest_int(name, self.low, self.high, log=self.log)
        return trial.suggest_float(name, self.low, self.high, log=self.log)

    @property
    def ends(self) -> tuple[Any, ...]:
        """Values that have to be right for all to be."""
        return self.low, self.high


class Choices(BaseModel):
    """One of several values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    choices: tuple[Any, ...] = Field(min_length=2)

    def suggest(self, name: str, trial: Trial) -> object:
        """A value for a trial."""
        # As JSON: a study file holds no lists.
        told = trial.suggest_categorical(name, [json.dumps(choice) for choice in self.choices])
        value: object = json.loads(told)
        return value

    @property
    def ends(self) -> tuple[Any, ...]:
        """Values that have to be right for all to be."""
        return self.choices


Space = dict[str, Range | Choices]
SPACE = TypeAdapter(Space)


def load_space(path: Path | None, config: TrainConfig) -> Space:
    """Read what is to be tried.

    Args:
        path: A TOML file; the one beside the default configuration when None.
        config: What it changes.

    Raises:
        ConfigError: the file cannot be read, or it names what the configuration has not got, or
            values out of their range.
    """
    path = path or DEFAULT_SPACE
    try:
        space = SPACE.validate_python(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            f"--search {path}: expected a TOML file in UTF-8, found: {error}. "
            f"Start from a copy of {DEFAULT_SPACE}."
        ) from error
    except ValidationError as error:
        raise ConfigError(_told(path, error)) from error
    _check(path, space, config)
    return space


def _told(path: Path, error: ValidationError) -> str:
    problem = error.errors()[0]
    return (
        f"--search {path}: {problem['loc'][0]}: expected low and high, or choices, found "
        f"{problem['input']!r} ({problem['msg'].removeprefix('Value error, ')}). Correct it."
    )


def _check(path: Path, space: Space, config: TrainConfig) -> None:
    if not space:
        raise ConfigError(f"--search {path}: expected something to try, found nothing. Name it.")
    for name, values in space.items():
        # The loss that is compared is summed by the weights of the heads, of the epoch's rows.
        if name.startswith(("heads", "sources", "max_samples")):
            raise ConfigError(
                f"--search {path}: expected nothing that changes what is compared, found {name}. "
                "Leave it out."
            )
        for value in values.ends:
            changed(config, {name: value}, f"--search {path}")


def changes_of(space: Space, params: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the configuration takes them, of values as a study holds them."""
    return {
        name: json.loads(value) if isinstance(space[name], Choices) else value
        for name, value in params.items()
    }
