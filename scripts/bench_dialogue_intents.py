"""How well intents are found, and how long Rasa trains and parses, for `make bench-dialogue`."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench_dialogue_page import Results
from bench_servers import BenchError

from amends.serve.surroundings import QUIET, RASA_PYTHON
from amends.settings import ROOT

MEASURE = ("-m", "assistant.tuning.measure")
LIMIT_S = 1800.0
FIGURES = {
    "accuracy": "clean.accuracy",
    "noisy": "noisy.accuracy.mean",
    "auroc": "out_of_scope.random.auroc",
    "train": "train_seconds",
    "parse": "parse_ms.p50",
}
"""The aims' figures: where they are in what is measured."""
ROWS = {
    "requests": "clean.rows",
    "accuracy": "clean.accuracy",
    "macro-F1": "clean.macro_f1",
    "accuracy before the fallback": "clean.first_guess_accuracy",
    "accuracy with typos and slang, mean": "noisy.accuracy.mean",
    "spread over the seeds of the noise": "noisy.accuracy.spread",
    "macro-F1 with typos and slang, mean": "noisy.macro_f1.mean",
    "AUROC against random tweets and replies": "out_of_scope.random.auroc",
    "share of them that is turned away": "out_of_scope.random.turned_away",
    "AUROC against these and messages to brands that are no complaint": (
        "out_of_scope.no_complaint.auroc"
    ),
    "`rasa train`, seconds": "train_seconds",
    "parse, median, ms": "parse_ms.p50",
    "parse, p95, ms": "parse_ms.p95",
}
WORST = 5


def add_intents(results: Results, data: Path) -> None:
    """Measure in Rasa's environment.

    Raises:
        BenchError: it cannot be measured.
    """
    results.measure = " ".join([".venv-rasa/bin/python", *MEASURE])
    try:
        found = _measured(data)
    except BenchError as error:
        results.intents = str(error)
        raise
    results.figures |= {name: float(at(found, path)) for name, path in FIGURES.items()}
    results.intents = {name: _shown(at(found, path)) for name, path in ROWS.items()}
    results.confusions = [
        f"{one['intent']} taken for {one['taken_for']}: {one['rows']}"
        for one in found["confusions"][:WORST]
    ]


def _measured(data: Path) -> dict[str, Any]:
    command = [str(RASA_PYTHON), *MEASURE, "--data", str(data)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command,
            check=True,
            cwd=ROOT,
            env={**os.environ, **QUIET},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
        )
        # Rasa may say something in front of it.
        found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{\n") :])
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        # The reason is the last thing that such a program says.
        said = str(getattr(error, "stderr", None) or error).strip().rpartition("\n")[2]
        raise BenchError(
            f"expected {' '.join(MEASURE)} to print figures, found: {said}; run it by hand"
        ) from error
    return found


def at(found: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401 - whatever stands there
    """A value of nested objects.

    Raises:
        BenchError: there is none.
    """
    value: Any = found
    for step in path.split("."):
        if not isinstance(value, Mapping) or value.get(step) is None:
            raise BenchError(f"expected {path} among what was measured, found no {step}")
        value = value[step]
    return value


def _shown(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) and value < 1 else str(value)
