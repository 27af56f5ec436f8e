"""Options of the commands that train."""

from pathlib import Path
from typing import Annotated

import typer

LabelFiles = Annotated[
    list[Path],
    typer.Option(
        "--data",
        help="Folder with the files that the configuration reads; or a label file of your own "
        "(.csv, .tsv, .txt, .jsonl, .parquet), once for each, which is then read instead.",
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="TOML file; the one of the shipped adapter without it."),
]
Changes = Annotated[
    list[str],
    typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the configuration."),
]
Seed = Annotated[int | None, typer.Option("--seed", help="Of everything random.")]
MaxSamples = Annotated[
    int | None,
    typer.Option(
        "--max-samples", help="Train on about so many messages a stage, to be done sooner."
    ),
]
