"""`amends publish`, `amends rollback` and `amends adapters`: which adapter serves."""

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from amends.commands.configuration import plan
from amends.settings import Settings, get_settings
from finetune.registry import Registry, Version

if TYPE_CHECKING:
    from finetune.gate import Comparison, Figures
    from finetune.measures import Figure

app = typer.Typer(help="See which adapters are kept and which one serves.", no_args_is_help=True)


def publish(
    run: Annotated[Path, typer.Argument(help="Folder of an adapter that `amends train` wrote.")],
    data: Annotated[
        list[Path], typer.Option(help="Folder or label files, as `amends evaluate` takes them.")
    ],
    config: Annotated[
        Path | None,
        typer.Option(help="TOML file that it was trained with; the shipped one's without it."),
    ] = None,
    tolerances: Annotated[
        Path | None,
        typer.Option(
            help="TOML file of how far a measure may fall: default = 0.02, and under [measures] "
            'a line for each that differs, such as "escalate recall" = 0.01.'
        ),
    ] = None,
) -> None:
    """Serve a new adapter, if it is nowhere worse than the one in use.

    Both are measured on the same rows. If any measure or slice of the new one falls more than its
    tolerance under the one in use, the table says which, the exit code is 1 and nothing changes.
    Running action servers take the new adapter without a restart; the old one is kept.

    Example: amends publish adapters/mine --data ../shared/data
    """
    # Imported here: torch takes seconds, and a wrong option should be told at once.
    from finetune.gate import Tolerances, read_tolerances  # noqa: PLC0415

    allowed = read_tolerances(tolerances) if tolerances else Tolerances()
    from finetune.pipeline import measure  # noqa: PLC0415
    from finetune.publish import RefusedError  # noqa: PLC0415
    from finetune.publish import publish as publish_measured  # noqa: PLC0415

    settings = get_settings()
    registry = Registry(settings.published_dir)
    chosen, where = plan(config, data, {})

    def measured(adapter: Path) -> "Figures":
        return measure(adapter, where, chosen, settings)

    try:
        rows = publish_measured(run, registry, measured, allowed)
    except RefusedError as error:
        _print(error.comparisons)
        raise
    _print(rows)
    _tell_in_use(registry.in_use, settings)


def rollback(
    reason: Annotated[str, typer.Option(help="Why, for the history.")] = "",
) -> None:
    """Serve the adapter again that was in use before the last one was published.

    Can be repeated until the adapter that comes with Amends is in use. Running action servers
    follow without a restart.

    Example: amends rollback --reason "misses sarcasm about delivery"
    """
    settings = get_settings()
    change = Registry(settings.published_dir).rollback(reason)
    _tell_in_use(change.adapter, settings)


@app.command("list")
def list_adapters() -> None:
    """List the adapters that are kept, and which one is in use.

    On a terminal it is a table; in a pipe, one line an adapter with tabs between: name, `in use`
    or nothing, when it was put in use last (UTC), folder.

    Example: amends adapters list
    """
    settings = get_settings()
    versions = Registry(settings.published_dir).versions()
    if not sys.stdout.isatty():
        for version in versions:
            typer.echo("\t".join(_cells(version)))
    else:
        table = Table("adapter", "", "since (UTC)", "folder", box=SIMPLE_HEAD)
        for version in versions:
            table.add_row(*_cells(version))
        Console().print(table)
    _warn_of_a_set_adapter(settings)


def _cells(version: Version) -> tuple[str, ...]:
    since = f"{version.since:%Y-%m-%d %H:%M:%S}" if version.since else ""
    return version.name, "in use" if version.in_use else "", since, str(version.folder)


def _tell_in_use(version: str, settings: Settings) -> None:
    typer.echo(f"{version} is in use. Running action servers take it with their next messages.")
    _warn_of_a_set_adapter(settings)


def _warn_of_a_set_adapter(settings: Settings) -> None:
    if settings.adapter:
        typer.echo(
            f"AMENDS_ADAPTER is set, so {settings.adapter} serves instead, until it is unset and "
            "the servers are started again.",
            err=True,
        )


def _print(comparisons: "list[Comparison]") -> None:
    table = Table("measure", "in use", "new", "change", "tolerance", "rows", "verdict")
    for row in comparisons:
        change = "" if math.isnan(row.change) else f"{row.change:+.3f}"
        tolerance = "" if math.isnan(row.tolerance) else f"{row.tolerance:.3f}"
        either = row.new or row.in_use
        count = str(either.rows) if either else ""
        cells = (_value(row.in_use), _value(row.new), change, tolerance, count, row.verdict)
        table.add_row(row.measure, *cells, style="" if row.passed else "bold red")
    Console().print(table)


def _value(figure: "Figure | None") -> str:
    return "–" if figure is None or math.isnan(figure.value) else f"{figure.value:.3f}"
