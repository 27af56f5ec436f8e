"""`amends train`."""

from pathlib import Path
from typing import Annotated

import typer

from amends.commands.configuration import changes_of, plan
from amends.commands.figures import print_figures
from amends.commands.training_options import Changes, ConfigFile, LabelFiles, MaxSamples, Seed
from amends.settings import get_settings
from nlu.adapter_in_use import adapter_in_use


def train(
    output: Annotated[Path, typer.Option(help="Folder of the new adapter.")],
    data: LabelFiles,
    config: ConfigFile = None,
    add: Annotated[
        Path | None,
        typer.Option(
            help="Labels to learn in addition (.jsonl of `amends labels export`): goes on from the "
            "adapter in use, or from --start, and rehearses the earlier data."
        ),
    ] = None,
    start: Annotated[Path | None, typer.Option(help="An adapter to go on from.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on with a run that was killed.")] = False,
    set_: Changes = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    max_samples: MaxSamples = None,
) -> None:
    """Train an adapter, choose its thresholds, measure it and write its card.

    With the data that the shipped adapter was made from:

        amends train --data ../shared/data --output adapters/mine

    With labels of your own, whose columns are called text, polarity, intensity and so on, or with a
    configuration that maps other columns:

        amends train --data labels.csv --data ../shared/data --output adapters/mine

        amends train --config mine.toml --data . --output adapters/mine

    Learn what agents corrected, and keep what was known:

        amends train --add corrections.jsonl --data ../shared/data --output adapters/next

    Serve it with `amends publish adapters/mine --data ../shared/data`. Base, precision and device
    are settings: AMENDS_BASE_MODEL, AMENDS_PRECISION, AMENDS_DEVICE. On several GPUs:
    accelerate launch -m amends train …
    """
    changes = changes_of(set_, seed=seed, max_samples=max_samples)
    chosen, where = plan(config, data, changes)
    # Imported here: torch takes seconds, and a wrong option should be told at once.
    from finetune.data import with_added  # noqa: PLC0415
    from finetune.pipeline import Job, make_adapter  # noqa: PLC0415

    chosen = with_added(chosen, add) if add else chosen

    settings = get_settings()
    begin = start or (adapter_in_use(settings) if add else None)
    job = Job(data=where, config=chosen, settings=settings, output=output)
    print_figures(make_adapter(job, start=begin, resume=resume))
