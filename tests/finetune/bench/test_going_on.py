"""A benchmark that was killed in a training goes on with it."""

from pathlib import Path
from typing import Any

import pytest

from amends.settings import load_settings
from finetune.bench import going_on as module
from finetune.bench.continual import CONFIG
from finetune.bench.going_on import train_or_go_on
from finetune.config import load_config
from finetune.run_folder import RunFolder


@pytest.mark.parametrize("killed", [False, True])
def test_a_training_that_was_killed_is_resumed(
    killed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, asked = tmp_path / "adapter", []

    def train(rows: object, path: Path, *_: object, start: Path | None, resume: bool) -> None:
        run = RunFolder.open(path, {"base": "b"}, resume=resume)
        checkpoint: Any = run.stage(1) / "checkpoint-1"
        checkpoint.mkdir(parents=True, exist_ok=True)
        asked.append(resume)

    monkeypatch.setattr(module, "train", train)
    for _ in range(1 + killed):
        train_or_go_on([], output, load_settings(), load_config(CONFIG))
    assert asked == [False, True][: 1 + killed]
