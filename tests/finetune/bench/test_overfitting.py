"""Each means against overfitting is measured alone, and compared with none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from finetune.bench.cross_validate import Fold
from finetune.bench.overfitting import OPTIONS, overfitting
from finetune.bench.protocols import COMPLAINTS, Protocol
from finetune.config import load_config

RIGHT, WRONG = [1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0]


@dataclass
class RecordingBench:
    """Trains nothing: notes what was asked for, and finds more from the second option on."""

    changes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    seeds: dict[str, int] = field(default_factory=dict)

    def run(
        self, protocols: Sequence[Protocol], folds: int, name: str, changes: Mapping[str, Any]
    ) -> dict[str, list[Fold]]:
        self.changes[name], self.seeds[name] = changes, protocols[0].seeds
        found = WRONG if len(self.changes) == 1 else RIGHT
        fold = Fold(truth=RIGHT, found={"fp32": found, "int8": found}, seconds=1)
        return {protocols[0].name: [fold] * folds}


@pytest.fixture
def bench() -> RecordingBench:
    return RecordingBench()


def test_each_option_is_measured_alone(bench: RecordingBench) -> None:
    overfitting(bench)  # type: ignore[arg-type]
    used = [load_config(COMPLAINTS.config, changes).augment for changes in bench.changes.values()]
    assert used == [tuple(option.changes.get("augment", ())) for option in OPTIONS]
    assert list(bench.seeds.values()) == [option.seeds for option in OPTIONS]


def test_each_is_compared_with_nothing(bench: RecordingBench) -> None:
    plain, *others = overfitting(bench)  # type: ignore[arg-type]
    assert plain == ("nothing", pytest.approx(0.7333, abs=1e-4), 0.0, "–")
    for name, mean, change, better in others:
        assert (mean, change, better) == (1.0, pytest.approx(1 - plain[1]), "2 of 2"), name
