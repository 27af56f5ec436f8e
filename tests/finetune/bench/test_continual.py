"""A new domain: not learnt before it is added, then so many labels of it, and no test row ever."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from amends.settings import Settings, load_settings
from finetune.bench import continual as module
from finetune.bench.continual import HEAD, NEW, continual, write_labels
from finetune.config import TrainConfig
from finetune.data import ADDED
from finetune.measures import Figure
from finetune.samples import Sample

LABELS = 5
DOMAINS = ("valence_tweets", "valence_amazon", NEW)
Learnt = dict[str, list[Sample]]
"""By adapter, the rows that its stage reads."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in DOMAINS:
        rows = [f"{n}_1,1.{n % 10},0.5,{name} row {n}" for n in range(60)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["id,valence,stdev,text", *rows]), "utf-8")
    return tmp_path


@pytest.fixture
def learnt(monkeypatch: pytest.MonkeyPatch) -> Learnt:
    """What training was given; nothing is trained here."""
    calls: Learnt = {}

    def train(
        samples: Sequence[Sample],
        output: Path,
        settings: Settings,
        config: TrainConfig,
        start: Path | None = None,
    ) -> None:
        assert start is None or start.name in calls
        read = config.stages[-1].sources
        calls[output.name] = [r for r in samples if r.split == "train" and r.source in read]

    def measured(_: Path, rows: Sequence[Sample], source: str, __: Settings) -> Figure:
        tests = [row for row in rows if row.split == "test" and row.source == source]
        return Figure(0.5, 0.4, 0.6, len(tests))

    monkeypatch.setattr(module, "train_or_go_on", train)
    monkeypatch.setattr(module, "_measured", measured)
    monkeypatch.setattr(module, "LABELS", LABELS)
    return calls


def test_the_domain_is_learnt_only_once_it_is_added(data: Path, learnt: Learnt) -> None:
    continual(data, data / "work", load_settings())
    assert {row.source for row in learnt["before"]} == set(DOMAINS) - {NEW}
    for adapter, rehearsed in (("replay-4", 4 * LABELS), ("replay-0", 0)):
        rows = learnt[adapter]
        assert sum(row.source == ADDED for row in rows) >= LABELS - 1  # one in ten validates
        assert sum(row.source != ADDED for row in rows) <= rehearsed
        assert all(NEW in row.text for row in rows if row.source == ADDED)
    assert len(learnt["replay-4"]) > 3 * len(learnt["replay-0"])


def test_no_test_row_is_learnt(data: Path, learnt: Learnt) -> None:
    figures = continual(data, data / "work", load_settings())
    assert list(figures) == [
        f"{domain}, {when}"
        for domain in DOMAINS
        for when in ("before", "after", "after, without rehearsal")
    ]
    known = {row.text for rows in learnt.values() for row in rows}
    for domain in DOMAINS:
        tested = figures[f"{domain}, after"].rows
        assert tested > 0
        assert sum(domain in text for text in known) <= 60 - tested


def test_fewer_rows_than_labels_are_all_written(tmp_path: Path) -> None:
    rows = [
        Sample(text=f"row {n}", source=NEW, key=str(n), split="train", labels={HEAD: n / 10})
        for n in range(3)
    ]
    write_labels(rows, 1, tmp_path / "new" / "added.jsonl")
    written = (tmp_path / "new" / "added.jsonl").read_text("utf-8").splitlines()
    assert sorted(json.loads(line)["text"] for line in written) == ["row 0", "row 1", "row 2"]
