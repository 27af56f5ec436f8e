"""Scripts and styles: the desk's own, and what it loads from npm."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi.staticfiles import StaticFiles

from amends.serve.surroundings import desk_dir
from amends.settings import Settings

OWN = Path(__file__).resolve().parent.parent / "static"


class DeskFiles(StaticFiles):
    """Serves both folders as if they were one."""

    def __init__(self, settings: Settings) -> None:
        # What is from npm may be built later, by another process.
        super().__init__(directory=OWN, check_dir=False)
        self.all_directories = [OWN, desk_dir(settings)]


def static_url(settings: Settings, name: str) -> str:
    """Address of a file, another one when its content changes, so that browsers may keep it."""
    for folder in (OWN, desk_dir(settings)):
        file = folder / name
        if file.is_file():
            return f"/static/{name}?v={_digest(file, file.stat().st_mtime_ns)}"
    return f"/static/{name}"  # Not built yet: asked for again and again until it is.


@cache
def _digest(file: Path, changed_ns: int) -> str:
    # When it changed is part of what is remembered.
    return sha256(file.read_bytes()).hexdigest()[:16]
