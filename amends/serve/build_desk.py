"""Puts what the desk's pages load from npm in one folder: `python -m amends.serve.build_desk DIR`.

Nothing is bundled: each package brings one minified file, and the licences stay beside them.
"""

import shutil
import sys
from pathlib import Path

from amends.serve.node_packages import fetch
from amends.serve.surroundings import DESK_SOURCE

FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE.txt": "htmx.org/LICENSE",
    "morph.min.js": "idiomorph/dist/idiomorph-ext.min.js",
    "morph.LICENSE.txt": "idiomorph/LICENSE",
    "sse.min.js": "htmx-ext-sse/dist/sse.min.js",
    "sse.LICENSE.txt": "htmx-ext-sse/LICENSE",
}
"""Files of the desk, and where npm puts them."""


def build(source: Path, target: Path) -> int:
    """Fetch the packages that the lock names, unless they are there, and copy what is served.

    Args:
        source: Folder of package.json and package-lock.json.
        target: Folder for the files.

    Returns:
        Exit code of npm, or 0.

    Raises:
        FileNotFoundError: a package of the lock has no such file.
    """
    failed = fetch(source, "the desk")
    if failed:
        return failed
    target.mkdir(parents=True, exist_ok=True)
    for name, path in FILES.items():
        shutil.copyfile(source / "node_modules" / path, target / name)
    return 0


if __name__ == "__main__":
    sys.exit(build(DESK_SOURCE, Path(sys.argv[1])))
