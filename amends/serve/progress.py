"""Short lines about long steps."""

import sys
import time

import typer


class Progress:
    """One step: on a terminal a line that counts the seconds, in a pipe a line at start and end."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._started = time.monotonic()
        self._shown = -1
        self._live = sys.stdout.isatty()
        if not self._live:
            typer.echo(f"{label} …")

    def tick(self) -> None:
        """Show the seconds so far, at most once a second and only on a terminal."""
        seconds = int(time.monotonic() - self._started)
        if self._live and seconds != self._shown:
            self._shown = seconds
            typer.echo(f"\r{self._label} … {seconds} s", nl=False)

    def say(self, line: str) -> None:
        """Print a finished line with the seconds so far."""
        seconds = time.monotonic() - self._started
        # Blanks to the end, over what the counting line left there.
        text = f"{line} ({seconds:.1f} s)"
        typer.echo(f"\r{text:<{len(self._label) + 10}}" if self._live else text)
