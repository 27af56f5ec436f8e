"""`python -m finetune.bench`: measures all that the quality page says, and writes it."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from amends.settings import Settings, get_settings
from finetune.bench.cross_validate import Fold
from finetune.bench.overfitting import FOLDS, overfitting
from finetune.bench.page import machine, protocol_rows, render
from finetune.bench.parts import continual_part, curve_part, evidence_part, labels_part
from finetune.bench.protocol_runs import Bench
from finetune.bench.protocols import PROTOCOLS


def main(
    data: Annotated[Path, typer.Option(help="Folder with the public label files.")],
    output: Annotated[Path, typer.Option(help="The page to write.")],
    work: Annotated[
        Path, typer.Option(help="Folder for results; a killed benchmark goes on from there.")
    ] = Path(".amends/bench"),
) -> None:
    """Measure the script by the papers' protocols, and the adapter in use on complaint labels."""
    settings = get_settings()
    # All of the encoder learns, which its 8-bit form cannot.
    exact = settings.model_copy(update={"precision": "fp32"})
    page: dict[str, Any] = {
        "command": " ".join(["python -m finetune.bench", *sys.argv[1:]]),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "finished": False,
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    for part in _measured(Bench(data, work, exact), settings):
        page |= part
        output.write_text(render(page), "utf-8")
        typer.echo(f"Wrote {', '.join(part)} to {output}.")


def _measured(bench: Bench, settings: Settings) -> Iterator[dict[str, Any]]:
    """One part after the other, so that hours of work are on the page when the next one fails."""
    results: dict[str, list[Fold]] = {}
    for protocol in PROTOCOLS:
        results |= bench.run([protocol])
        yield {"protocols": protocol_rows(results)}
    yield {"overfitting": overfitting(bench), "overfitting_folds": FOLDS}
    yield {"continual": continual_part(bench)}
    yield {"labels": labels_part(bench.data, settings)}
    yield {"curve": curve_part(bench)}
    yield {**evidence_part(bench, settings), "finished": True}


if __name__ == "__main__":
    typer.run(main)
