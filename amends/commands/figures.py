"""How commands print measured figures."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from finetune.measures import Figure


def print_figures(figures: "Mapping[str, Figure]") -> None:
    """Print figures as a table, with their spread."""
    if not figures:
        return
    table = Table("measure", "value", "95 % interval", "rows")
    for name, figure in figures.items():
        spread = f"{figure.low:.3f} – {figure.high:.3f}"
        table.add_row(name, f"{figure.value:.3f}", spread, str(figure.rows))
    Console().print(table)
