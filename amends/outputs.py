"""Files that a command is asked to write."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from amends.errors import AmendsError


class OutputError(AmendsError):
    """A file cannot be written; names the option and what to do."""


def check_writable(path: Path, option: str) -> None:
    """Refuse a file that could not be written later; what it holds stays.

    Args:
        path: Where a command will write.
        option: The option that named it, such as `--output`.

    Raises:
        OutputError: it cannot be opened for writing.
    """
    new = not path.exists()
    try:
        path.open("a").close()
        if new:
            path.unlink()
    except OSError as error:
        raise _refused(path, option, error) from error


@contextmanager
def writing(path: Path, option: str) -> Iterator[TextIO]:
    """Open a file for writing, its old content gone.

    Raises:
        OutputError: it cannot be opened, or there is no room; what was flushed before stays.
    """
    try:
        with path.open("w", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise _refused(path, option, error) from error


def refuse_input(source: Path, output: Path) -> None:
    """Refuse to write over what is read.

    Raises:
        OutputError: both are one file, by whatever names.
    """
    # By the file, not by its name: it may have several, one of them by way of a folder to come.
    target = output.resolve()
    if source.exists() and target.exists() and source.samefile(target):
        raise OutputError(
            f"--output: expected another file than the input, found {output}. Name a new one."
        )


def write_whole(path: Path, option: str, lines: Iterable[str]) -> None:
    """Write a file as a whole or not at all; what cannot be replaced, such as a pipe, as it comes.

    Raises:
        OutputError: it cannot be written; what it held stays.
    """
    if path.exists() and not path.is_file():
        with writing(path, option) as file:
            file.writelines(lines)
        return
    target = path.resolve()
    draft = target.with_name(f".{target.name}.draft")
    try:
        draft.write_text("".join(lines), "utf-8")
        draft.replace(target)
    except OSError as error:
        raise _refused(path, option, error) from error
    finally:
        draft.unlink(missing_ok=True)


def _refused(path: Path, option: str, error: OSError) -> OutputError:
    return OutputError(
        f"{option} {path}: expected a file that can be written, found: {error.strerror}. "
        "Make room or name another one."
    )
