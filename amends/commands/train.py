"""`amends train` and `amends evaluate`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from amends.errors import AmendsError
from amends.outputs import check_writable, writing
from amends.settings import get_settings
from finetune.config import TrainConfig

if TYPE_CHECKING:
    from finetune.measures import Figure

Data = Annotated[
    Path,
    typer.Option(
        help="Folder with valence_amazon.csv, valence_tweets.csv, valence_movies.csv, "
        "complaint_tweets.csv and complaint_labels.csv."
    ),
]
DEFAULTS = TrainConfig()


class ConfigError(AmendsError):
    """A training option is out of its range."""


def train(
    data: Data,
    output: Annotated[Path, typer.Option(help="Folder of the new adapter.")],
    epochs: Annotated[int, typer.Option(help="Passes over the data.")] = DEFAULTS.epochs,
    learning_rate: Annotated[
        float, typer.Option(help="Peak rate of the LoRA weights.")
    ] = DEFAULTS.learning_rate,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = DEFAULTS.seed,
    max_samples: Annotated[
        int | None, typer.Option(help="Train on about so many messages only, to try things out.")
    ] = None,
) -> None:
    """Train an adapter, choose its thresholds, measure it and write its card.

    Example: amends train --data ../shared/data --output adapters/mine

    Serve it with AMENDS_ADAPTER=adapters/mine. Base, precision and device are settings:
    AMENDS_BASE_MODEL, AMENDS_PRECISION, AMENDS_DEVICE.
    """
    config = _config(epochs=epochs, learning_rate=learning_rate, seed=seed, max_samples=max_samples)
    # Imported here: torch takes seconds, and a wrong option should be told at once.
    from finetune.pipeline import make_adapter  # noqa: PLC0415

    _print(make_adapter(data, output, get_settings(), config))


def evaluate(
    data: Data,
    adapter: Annotated[
        Path | None, typer.Option(help="Folder of the adapter; the one in use without it.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here as well.")
    ] = None,
) -> None:
    """Measure an adapter on rows that it was neither trained nor tuned on.

    Example: amends evaluate --data ../shared/data
    """
    from finetune.pipeline import measure  # noqa: PLC0415 - as above

    settings = get_settings()
    if json_file:
        check_writable(json_file, "--json")
    figures = measure(data, adapter or settings.adapter, settings)
    _print(figures)
    if json_file:
        rows = {name: asdict(figure) for name, figure in figures.items()}
        with writing(json_file, "--json") as file:
            file.write(json.dumps(rows, indent=2) + "\n")


def _config(**values: object) -> TrainConfig:
    try:
        return TrainConfig.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        option = str(problem["loc"][0]).replace("_", "-")
        raise ConfigError(
            f"--{option}: {problem['msg']}; found {problem['input']!r}. Choose another value."
        ) from error


def _print(figures: "dict[str, Figure]") -> None:
    table = Table("measure", "value", "95 % interval", "rows")
    for name, figure in figures.items():
        spread = f"{figure.low:.3f} – {figure.high:.3f}"
        table.add_row(name, f"{figure.value:.3f}", spread, str(figure.rows))
    Console().print(table)
