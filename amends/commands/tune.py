"""`amends tune`."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.commands.configuration import changes_of, plan
from amends.commands.training_options import Changes, ConfigFile, LabelFiles, MaxSamples, Seed
from amends.outputs import check_writable, writing
from amends.settings import get_settings

if TYPE_CHECKING:
    from finetune.tune import Tried


def tune(
    data: LabelFiles,
    study: Annotated[
        Path,
        typer.Option(
            help="File that remembers the trials; a second call with it goes on.", dir_okay=False
        ),
    ],
    trials: Annotated[
        int, typer.Option(help="How many trials the study shall have in all.", min=1)
    ] = 20,
    config: ConfigFile = None,
    search: Annotated[
        Path | None,
        typer.Option(help="TOML file with what to try; finetune/configs/search.toml without it."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all trials here, the best first.")
    ] = None,
    set_: Changes = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    max_samples: MaxSamples = None,
) -> None:
    """Search for values of the configuration that lower the loss on the validation rows.

    The test rows are not looked at. Prints a line for each trial, then the best one as options of
    `amends train`. Bad trials are given up early. Stop it when you like, and go on by the same
    command: what a trial had begun when it was stopped is tried anew.

    Example: amends tune --data ../shared/data --study tune.db --trials 30

    What is tried stands in a TOML file, by the names of the configuration:

        learning_rate = { low = 1e-4, high = 1e-3, log = true }

        "adapter.rank" = { choices = [8, 16, 32] }
    """
    if json_file:
        check_writable(json_file, "--json")
    chosen, where = plan(config, data, changes_of(set_, seed=seed, max_samples=max_samples))
    # Imported here: torch takes seconds, and a wrong option should be told at once.
    from finetune.data import data_sha256, read_samples  # noqa: PLC0415
    from finetune.search_space import load_space  # noqa: PLC0415
    from finetune.tune import Search, tune  # noqa: PLC0415

    what = Search(
        samples=read_samples(chosen, where),
        settings=get_settings(),
        config=chosen,
        space=load_space(search, chosen),
        data_sha256=data_sha256(chosen, where),
    )
    found = tune(what, study, trials, lambda trial: typer.echo(_line(trial)))
    if json_file:
        with writing(json_file, "--json") as file:
            file.write(json.dumps([asdict(trial) for trial in found], indent=2) + "\n")
    typer.echo(f"Best: trial {found[0].number}. Train with it:\n  {_options(found[0].changes)}")


def _line(trial: "Tried") -> str:
    end = "given up at" if trial.pruned else "loss"
    return f"trial {trial.number}: {end} {trial.loss:.4f}, {_options(trial.changes)}"


def _options(changes: Mapping[str, Any]) -> str:
    return " ".join(f"--set {quote(f'{name}={_told(value)}')}" for name, value in changes.items())


def _told(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else json.dumps(value)
