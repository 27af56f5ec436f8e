"""Which adapter serves: the one that is set, else the one that was published, else the shipped one.

`amends publish` and `amends rollback` append a line to one file, which is replaced as a whole; its
last line names the adapter in use. One file, so that what is in use and how it came to be so
cannot contradict each other, wherever a process is killed.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from amends.errors import AmendsError
from amends.settings import SHIPPED_ADAPTER, Settings

HISTORY_FILE = "history.jsonl"
VERSIONS_FOLDER = "versions"
SHIPPED = "shipped"
"""Names the adapter that comes with Amends, the first of all versions."""

# The name of a folder and nothing else, so that no line of the history leads out of the versions.
VERSION_PATTERN = r"^\w[\w .+-]*$"
VersionName = Annotated[str, Field(pattern=VERSION_PATTERN)]


class HistoryError(AmendsError):
    """The file that says which adapter is in use cannot be used."""


class Change(BaseModel):
    """One line of the history: an adapter took the place of another.

    Attributes:
        when: In UTC.
        action: What was typed.
        adapter: Name of the version that was put in use.
        replaced: Name of the version that was in use before.
        figures: What the adapter reached when it was published, by measure.
        reason: Why, where a person said so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: datetime
    action: Literal["publish", "rollback"]
    adapter: VersionName
    replaced: VersionName
    figures: dict[str, dict[str, Any]] = Field(default_factory=dict)
    reason: str = ""


def adapter_in_use(settings: Settings) -> Path:
    """Folder of the adapter that serves; cheap enough to be asked before every batch.

    Raises:
        HistoryError: it cannot be read which one was published.
    """
    if settings.adapter:
        return settings.adapter
    folder = settings.published_dir
    # Only the last line is parsed: the others hold figures by the hundred.
    last = [_parsed(folder, line) for line in _lines(folder)[-1:]]
    return version_folder(folder, last[0].adapter if last else SHIPPED)


def read_history(folder: Path) -> list[Change]:
    """Every change in a folder of published adapters, the oldest first.

    Raises:
        HistoryError: the file cannot be read, or a line of it is no change.
    """
    return [_parsed(folder, line) for line in _lines(folder)]


def version_folder(folder: Path, version: str) -> Path:
    """Where a version is, in a folder of published adapters."""
    return SHIPPED_ADAPTER if version == SHIPPED else folder / VERSIONS_FOLDER / version


def _lines(folder: Path) -> list[str]:
    path = folder / HISTORY_FILE
    try:
        return path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, str(error)) from error


def _parsed(folder: Path, line: str) -> Change:
    try:
        return Change.model_validate_json(line)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "a line"
        raise _unusable(folder / HISTORY_FILE, f"{where}: {problem['msg']}") from error


def _unusable(path: Path, found: str) -> HistoryError:
    return HistoryError(
        f"{path}: expected the history of published adapters, one JSON object a line, found: "
        f"{found}. Restore the file, or name the adapter to serve with AMENDS_ADAPTER."
    )
