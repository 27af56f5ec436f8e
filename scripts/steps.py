"""What every step of the set-up shares: one way to speak, to fail and to start a program."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

Command = list[str | Path]


class SetupError(Exception):
    """The set-up cannot go on; the message says what was expected, what was found, what to do."""


def tell(line: str) -> None:
    """Print one line of progress, at once."""
    sys.stderr.write(f"amends: {line}\n")
    sys.stderr.flush()


def run(command: Command, env: Mapping[str, str] | None = None) -> bool:
    """Run a program with its output on the terminal, so that its own progress shows.

    Returns:
        True when it ended well.
    """
    # The set-up starts only programs that it has found or fetched itself.
    return subprocess.run(command, env=env, check=False).returncode == 0  # noqa: S603


def output_of(command: Command, env: Mapping[str, str] | None = None) -> str | None:
    """What a program prints, without its complaints; None when it fails or cannot be started."""
    try:
        done = subprocess.run(  # noqa: S603
            command, env=env, check=False, capture_output=True, text=True, timeout=600
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
