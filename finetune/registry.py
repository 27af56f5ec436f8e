"""Keeps published adapters, whole or not at all, and the history of which was in use."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from amends.errors import AmendsError
from nlu.adapter_in_use import (
    HISTORY_FILE,
    SHIPPED,
    VERSIONS_FOLDER,
    Change,
    read_history,
    version_folder,
)

if TYPE_CHECKING:
    from finetune.measures import Figure

DRAFT_PREFIX = ".writing-"
LOCK_FILE = ".lock"


class RegistryError(AmendsError):
    """A published adapter cannot be kept, or there is none to go back to."""


@dataclass(frozen=True)
class Version:
    """A version that is kept.

    Attributes:
        name: Name and version of the adapter; `shipped` is the one that comes with Amends.
        folder: Where it is.
        in_use: Whether it is the one in use.
        since: When it was put in use last; None if it never was.
    """

    name: str
    folder: Path
    in_use: bool
    since: datetime | None


class Registry:
    """A folder of published adapters.

    Every change is one replaced file, written through to the disk: a process killed at any
    moment leaves the old adapter in use or the new one, whole.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def in_use(self) -> str:
        """Name of the version that was published last, or went back to."""
        changes = read_history(self._folder)
        return changes[-1].adapter if changes else SHIPPED

    def folder_of(self, version: str) -> Path:
        """Where a version is."""
        return version_folder(self._folder, version)

    def versions(self) -> list[Version]:
        """Every version that is kept, the shipped one first, then by name."""
        changes = read_history(self._folder)
        since = {change.adapter: change.when for change in changes}
        current = changes[-1].adapter if changes else SHIPPED
        kept = [path.name for path in self._versions.glob("[!.]*")]
        return [
            Version(name, self.folder_of(name), name == current, since.get(name))
            for name in (SHIPPED, *sorted(kept))
        ]

    def publish(
        self, run: Path, version: str, sha256: str, replaces: str, figures: "dict[str, Figure]"
    ) -> None:
        """Keep a copy of an adapter and put it in use.

        Args:
            run: Folder of the adapter.
            version: What it is to be called.
            sha256: Of its content when it was measured, from `content_sha256`.
            replaces: The version that it was compared with.
            figures: What it reached.

        Raises:
            RegistryError: another version came into use, the adapter changed since it was
                measured, its name is taken, or nothing can be written.
        """
        with self._changing():
            if self.in_use != replaces:
                raise RegistryError(
                    f"expected {replaces} in use, with which {version} was compared, found "
                    f"{self.in_use}, put in use meanwhile. Run `amends publish` again."
                )
            self._keep(run, version, sha256)
            rows = {name: asdict(figure) for name, figure in figures.items()}
            change = Change(
                when=datetime.now(UTC),
                action="publish",
                adapter=version,
                replaced=replaces,
                figures=rows,
            )
            self._append(change)

    def rollback(self, reason: str) -> Change:
        """Put the version in use that was in use before this one was published.

        Raises:
            RegistryError: there is none, it is gone, or nothing can be written.
        """
        with self._changing():
            before = _before(read_history(self._folder))
            if before is None:
                raise RegistryError(
                    "expected a version that was in use before, found none: the shipped adapter "
                    "is in use, the first of all. Publish another with `amends publish`."
                )
            if not self.folder_of(before).is_dir():
                raise RegistryError(
                    f"{self.folder_of(before)}: expected the version that was in use before, "
                    "found none. Restore the folder, or publish another with `amends publish`."
                )
            change = Change(
                when=datetime.now(UTC),
                action="rollback",
                adapter=before,
                replaced=self.in_use,
                reason=reason,
            )
            self._append(change)
            return change

    @property
    def _versions(self) -> Path:
        return self._folder / VERSIONS_FOLDER

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Let one process change the folder at a time; the system frees the lock of a dead one."""
        try:
            self._versions.mkdir(parents=True, exist_ok=True)
            with (self._folder / LOCK_FILE).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                for draft in self._versions.glob(f"{DRAFT_PREFIX}*"):
                    shutil.rmtree(draft)
                yield
        except OSError as error:
            raise RegistryError(
                f"{self._folder}: expected a folder that can be written, found: {_why(error)}. "
                "Make room or set AMENDS_ADAPTERS_DIR, and see `amends adapters list` for what "
                "is in use."
            ) from error

    def _keep(self, run: Path, version: str, sha256: str) -> None:
        kept = self.folder_of(version)
        if kept.exists():
            self._refuse_other_content(kept, sha256)
            return
        with tempfile.TemporaryDirectory(dir=self._versions, prefix=DRAFT_PREFIX) as name:
            draft = Path(name) / version
            shutil.copytree(run, draft)
            if content_sha256(draft) != sha256:
                raise RegistryError(
                    f"{run}: expected the adapter as it was measured, found other content. "
                    "Let whatever writes there end, and run `amends publish` again."
                )
            _sync_tree(draft)
            draft.replace(kept)
        _sync(self._versions)

    def _refuse_other_content(self, kept: Path, sha256: str) -> None:
        if content_sha256(kept) != sha256:
            raise RegistryError(
                f"{kept}: expected a name that is not taken, found another adapter with the same "
                f"weights. Publish {kept} for that one, or train under another --output."
            )

    def _append(self, change: Change) -> None:
        path = self._folder / HISTORY_FILE
        before = path.read_bytes() if path.exists() else b""
        draft = path.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(before + change.model_dump_json().encode() + b"\n")
        _sync(draft)
        draft.replace(path)
        _sync(self._folder)


def content_sha256(folder: Path) -> str:
    """Sha256 over the names and the content of every file in a folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{content} {path.relative_to(folder)}\n".encode())
    return digest.hexdigest()


def _before(changes: list[Change]) -> str | None:
    """What a rollback goes to: each publish is put on a pile, each rollback takes one off."""
    pile = [SHIPPED]
    for change in changes:
        if change.action == "publish":
            pile.append(change.adapter)
        else:
            pile.pop()
    return pile[-2] if len(pile) > 1 else None


def _sync_tree(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        _sync(path)


def _sync(path: Path) -> None:
    """Wait until a file or folder is on the disk: a rename alone survives no power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _why(error: OSError) -> str:
    if isinstance(error, shutil.Error):
        # Holds (source, target, reason) of each file that was not copied.
        return str(error.args[0][0][2])
    return error.strerror or str(error)
