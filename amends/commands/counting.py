"""Says how far a command is."""

from collections.abc import Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Thing = TypeVar("Thing")


def counted(things: Iterable[Thing], doing: str) -> Iterable[Thing]:
    """Count things on a terminal; say nothing in a pipe.

    Args:
        things: What is gone through.
        doing: What is done with them, such as `Reading`.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        return things
    return track(things, description=doing, console=console, transient=True)
