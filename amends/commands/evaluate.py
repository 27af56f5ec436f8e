"""`amends evaluate`."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.commands.configuration import plan
from amends.commands.figures import print_figures
from amends.errors import AmendsError
from amends.outputs import OutputError, check_writable, writing
from amends.settings import Settings, get_settings
from nlu.adapter_in_use import adapter_in_use

if TYPE_CHECKING:
    from finetune.measures import Figure


class EvaluateOptionsError(AmendsError):
    """Two options contradict each other."""


def evaluate(
    data: Annotated[
        list[Path],
        typer.Option(
            help="Folder with the files that the configuration reads; or label files of your own, "
            "once for each, as `amends train` took them."
        ),
    ],
    run: Annotated[
        Path | None, typer.Argument(help="Folder of an adapter; the one in use without it.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="TOML file that it was trained with; the shipped one's without it."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Folder for report.html and report.json; reports/NAME-VERSION in the state folder "
            "without it."
        ),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here as well.")
    ] = None,
    quick: Annotated[
        bool, typer.Option(help="Only the figures: no baselines, no other precision, no page.")
    ] = False,
) -> None:
    """Measure an adapter on rows that it was neither trained nor tuned on, and write a report.

    The report compares it with its base before training, with full precision and with simpler
    means; it shows classes, calibration, who is handed to a person, slices, behaviour, and gaps
    between groups. Takes some ten minutes on two CPU cores; --quick takes two.

    Example: amends evaluate --data ../shared/data

    Example: amends evaluate adapters/mine --config mine.toml --data . --output report
    """
    settings = get_settings()
    adapter = run or adapter_in_use(settings)
    if json_file:
        check_writable(json_file, "--json")
    if quick and output:
        raise EvaluateOptionsError(
            "--output: expected without --quick, which writes no report, found both. "
            "Leave one of them out."
        )
    folder = None if quick else _folder(adapter, output, settings)
    figures = _measured(adapter, config, data, folder, settings)
    if json_file:
        rows = {name: asdict(figure) for name, figure in figures.items()}
        with writing(json_file, "--json") as file:
            file.write(json.dumps(rows, indent=2) + "\n")


def _folder(adapter: Path, output: Path | None, settings: Settings) -> Path:
    """Where the report goes; made now, so that minutes of work are not lost."""
    from nlu.manifest import read_manifest  # noqa: PLC0415 - brings torch

    manifest = read_manifest(adapter)
    name = f"{manifest.name}-{manifest.version}"
    folder = output or settings.state_dir / "reports" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"--output {folder}: expected a folder that can be made, found: {error.strerror}. "
            "Choose another one."
        ) from error
    check_writable(folder / "report.html", "--output")
    return folder


def _measured(
    adapter: Path,
    config: Path | None,
    data: list[Path],
    folder: Path | None,
    settings: Settings,
) -> "Mapping[str, Figure]":
    chosen, where = plan(config, data, {})
    # Imported here: torch takes seconds, and a wrong option should be told at once.
    from finetune.evaluate import evaluate as figures_of  # noqa: PLC0415
    from finetune.report.build import build  # noqa: PLC0415
    from finetune.report.measured import HeldOut, Measured  # noqa: PLC0415
    from finetune.report.subject import Subject  # noqa: PLC0415
    from finetune.report.write import write_report  # noqa: PLC0415

    held_out = HeldOut.read(chosen, where)
    if folder is None:
        figures = figures_of(Measured(Subject.load(adapter, settings), held_out))
        print_figures(figures)
        return figures
    report = build(adapter, held_out, settings)
    write_report(report, folder)
    print_figures(report.figures)
    typer.echo(f"Report: {folder / 'report.html'}")
    return report.figures
