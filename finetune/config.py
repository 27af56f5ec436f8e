"""What a training run can be told, in one TOML file."""

import tomllib
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from amends.errors import AmendsError
from finetune.augment import AUGMENTATIONS
from finetune.sources import SourceConfig
from nlu.heads import HeadSpec
from nlu.manifest import Method

DEFAULT_CONFIG = Path(__file__).parent / "configs" / "default.toml"


Language = Annotated[str, Field(pattern="^[a-z]{2}$")]
Times = Annotated[int, Field(ge=1, le=1000)]


class ConfigError(AmendsError):
    """A training option cannot be used; names it."""


class Strict(BaseModel):
    """A part of the configuration; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class HeadConfig(HeadSpec):
    """A head and how much its loss counts.

    Attributes:
        weight: Of its loss in the sum over the heads.
    """

    weight: float = Field(1.0, gt=0, le=100)

    @property
    def spec(self) -> HeadSpec:
        """What the head says, without how it is trained."""
        return HeadSpec(kind=self.kind, labels=self.labels)


class Stage(Strict):
    """One part of a training run.

    Attributes:
        sources: How often each source is read in an epoch; one that is not named is left out.
        epochs: Passes over that.
        rate: Share of the peak learning rates.
    """

    sources: dict[str, Times] = Field(min_length=1)
    epochs: int = Field(ge=1, le=100)
    rate: float = Field(1.0, gt=0, le=1)


class AdapterConfig(Strict):
    """How the encoder learns.

    Attributes:
        method: `lora`, `rslora`, `dora` or `adalora`: low-rank weights beside the frozen base;
            `head_only`: not at all; `full`: as a whole, with a base in full precision.
        rank: Of the low-rank matrices; alpha is twice the rank. AdaLoRA prunes down to half of it.
        dropout: Before the low-rank matrices. The base drops out on its own; more random numbers
            cost a third of a step on a CPU.
        layer_decay: `full` only: each layer's rate is so much of the one above it (Howard & Ruder
            2018, https://arxiv.org/abs/1801.06146, discriminative fine-tuning).
        embeddings: `full` only: the word embeddings learn too. They are half of the weights of a
            small base, and moving them takes a third of a step.
    """

    method: Method = "lora"
    rank: int = Field(32, ge=1, le=256)
    dropout: float = Field(0.0, ge=0, lt=1)
    layer_decay: float = Field(0.9, gt=0, le=1)
    embeddings: bool = True


class TrainConfig(Strict):
    """Settings of one training run; the defaults of the numbers made the adapter that ships.

    Attributes:
        heads: What the adapter will say.
        sources: Where labels come from.
        languages: In which their texts are, two letters each; an adapter is served for no other.
        stages: In which order which of them are learnt.
        adapter: How the encoder learns.
        learning_rate: Peak rate of the encoder's weights (AdamW).
        head_learning_rate: Peak rate of the heads, which start from nothing.
        weight_decay: AdamW's.
        warmup_share: Share of the steps in which the rate rises; then it falls as a cosine.
        batch_size: Messages a step and device.
        accumulation: Steps whose gradients are added before the weights move.
        gradient_checkpointing: Compute activations twice to keep fewer of them.
        bf16: Compute in bfloat16: `auto` where the processor has it in hardware.
        dropout: On the sentence vector before the heads.
        augment: Changes to texts, by name; see `finetune.augment`.
        augment_rate: Chance of each change for each reading of a sample.
        adversarial: Length of the FGM step on the embeddings; 0 leaves it out.
        averaging: Decay of the moving average of the weights; 0 leaves it out.
        severity_from: Sources whose validation rows help the complaint labels to choose the
            severity from which a person is called.
        patience: Stop when the validation loss has not fallen for so many evaluations and keep the
            best weights; 0 trains to the end.
        evaluations: Times an epoch that the validation loss is computed, when there is patience.
        checkpoint_steps: A killed run resumes from at most so many steps back.
        report_to: `tensorboard` or `wandb`.
        leaks: What to do with training texts that stand in the test split as well: `refuse` or
            `drop` them from training.
        replay: Rows of the earlier data for each added one, when labels are added.
        seed: Of everything random.
        max_samples: Train on about so many samples a stage only; for trying things out.
    """

    heads: dict[str, HeadConfig] = Field(min_length=1)
    sources: tuple[SourceConfig, ...] = ()
    languages: tuple[Language, ...] = Field(("en",), min_length=1)
    stages: tuple[Stage, ...] = Field(min_length=1)
    adapter: AdapterConfig = AdapterConfig()
    learning_rate: float = Field(5e-4, gt=0, le=0.1)
    head_learning_rate: float = Field(1e-3, gt=0, le=0.1)
    weight_decay: float = Field(0.01, ge=0, le=1)
    warmup_share: float = Field(0.1, ge=0, lt=1)
    batch_size: int = Field(32, ge=1, le=4096)
    accumulation: int = Field(1, ge=1, le=1024)
    gradient_checkpointing: bool = False
    bf16: bool | Literal["auto"] = "auto"
    dropout: float = Field(0.1, ge=0, lt=1)
    augment: tuple[str, ...] = ()
    augment_rate: float = Field(0.3, gt=0, le=1)
    adversarial: float = Field(0.0, ge=0, le=100)
    averaging: float = Field(0.0, ge=0, lt=1)
    severity_from: tuple[str, ...] = ()
    patience: int = Field(0, ge=0, le=100)
    evaluations: int = Field(1, ge=1, le=100)
    checkpoint_steps: int = Field(500, ge=1)
    report_to: tuple[Literal["tensorboard", "wandb"], ...] = ()
    leaks: Literal["refuse", "drop"] = "refuse"
    replay: float = Field(4.0, ge=0, le=1000)
    seed: int = Field(1, ge=0, lt=2**32)
    max_samples: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        if "wandb" in self.report_to and find_spec("wandb") is None:
            raise ValueError(
                "report_to: expected the package wandb, found it missing. "
                "Install it: uv pip install wandb"
            )
        _expect("augment", self.augment, list(AUGMENTATIONS))
        known = [source.name for source in self.sources]
        if len(set(known)) < len(known):
            raise ValueError(f"sources: expected each name once, found {known}")
        _expect("severity_from", self.severity_from, known)
        for stage in self.stages:
            _expect("stages: sources", stage.sources, known)
        for source in self.sources:
            _expect(f"sources: labels of {source.name}", source.labels, list(self.heads))
            for head, column in source.labels.items():
                _expect_cuts(f"{source.name}: {head}", len(column.cuts), self.heads[head])
        return self

    @property
    def specs(self) -> dict[str, HeadSpec]:
        """What the heads say, by name."""
        return {name: head.spec for name, head in self.heads.items()}


def _expect(where: str, found: Iterable[str], known: list[str]) -> None:
    unknown = [name for name in found if name not in known]
    if unknown:
        raise ValueError(f"{where}: expected names among {known}, found {', '.join(unknown)}")


def _expect_cuts(where: str, cuts: int, head: HeadSpec) -> None:
    wanted = max(len(head.labels), 2) - 1
    if cuts not in (0, wanted):
        raise ValueError(f"{where}: expected {wanted} cuts, one fewer than labels, found {cuts}")


def load_config(path: Path | None = None, changes: Mapping[str, Any] | None = None) -> TrainConfig:
    """Read a configuration.

    Args:
        path: A TOML file; the one that made the shipped adapter when None.
        changes: Values that go before the file's; a dot in the name reaches into a table or
            a list.

    Raises:
        ConfigError: the file cannot be read, or a value is unknown or out of its range.
    """
    path = path or DEFAULT_CONFIG
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            f"--config {path}: expected a TOML file in UTF-8, found: {error}. "
            f"Start from a copy of {DEFAULT_CONFIG}."
        ) from error
    for name, value in (changes or {}).items():
        values = _with(values, name.split("."), value)
    return parse_config(values, str(path))


def changed(config: TrainConfig, changes: Mapping[str, Any], origin: str) -> TrainConfig:
    """A configuration with other values.

    Args:
        config: What to change; it stays as it is.
        changes: As `load_config` takes them.
        origin: Where they come from, for the message.

    Raises:
        ConfigError: a value is unknown or out of its range; names it.
    """
    values = config.model_dump()
    for name, value in changes.items():
        values = _with(values, name.split("."), value)
    return parse_config(values, origin)


def parse_config(values: Mapping[str, Any], origin: str) -> TrainConfig:
    """Validate a configuration.

    Args:
        values: As a TOML file has them.
        origin: Where they come from, for the message.

    Raises:
        ConfigError: a value is unknown or out of its range; names it.
    """
    try:
        return TrainConfig.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(map(str, problem["loc"]))
        found = "" if isinstance(problem["input"], dict) else f"; found {problem['input']!r}"
        raise ConfigError(
            f"{origin}: {name or 'the whole'}: {problem['msg'].removeprefix('Value error, ')}"
            f"{found}. Correct it, or see finetune/README.md."
        ) from error


def _with(values: Any, path: list[str], value: object) -> Any:  # noqa: ANN401 - what TOML holds
    """The same values but for the one at a path; a number in the path is a place in a list."""
    if not path:
        return value
    key, *rest = path
    if isinstance(values, Mapping):
        return {**values, key: _with(values.get(key, {}), rest, value)}
    if isinstance(values, list | tuple) and key.isdigit() and int(key) < len(values):
        place = int(key)
        return [*values[:place], _with(values[place], rest, value), *values[place + 1 :]]
    raise ConfigError(
        f"{key}: expected the name of a value of the configuration, found that it is in none of "
        "its tables and lists. Correct it, or see finetune/README.md."
    )
