"""`python -m finetune.bench`: measures all that the quality page says, and writes it."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from amends.settings import get_settings
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
    bench = Bench(data, work, exact)
    page = render(
        {
            "command": " ".join(["python -m finetune.bench", *sys.argv[1:]]),
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "machine": machine(),
            "protocols": protocol_rows(bench.run(PROTOCOLS)),
            "overfitting": overfitting(bench),
            "overfitting_folds": FOLDS,
            "continual": continual_part(bench),
            "labels": labels_part(data, settings),
            "curve": curve_part(bench),
            **evidence_part(bench, settings),
        }
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(page, "utf-8")
    typer.echo(f"Wrote {output}.")


if __name__ == "__main__":
    typer.run(main)
