"""What a run learns from: files of one's own, added labels, and what is rehearsed beside them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from finetune.config import Stage, TrainConfig
from finetune.data import ADDED, Data, data_sha256, read_samples, with_added, with_files
from finetune.samples import DataError, Sample
from finetune.sources import file_sha256


def write_csv(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def write_jsonl(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(map(json.dumps, records)) + "\n", "utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two sources: `early` is read by the first stage only."""
    (tmp_path / "data").mkdir()
    for name in ("early", "own"):
        rows = [f"the {name} text {n},{n % 2}" for n in range(300)]
        write_csv(tmp_path / "data" / f"{name}.csv", "text,complaint", rows)
    return tmp_path / "data"


@pytest.fixture
def config(make_config) -> TrainConfig:
    return make_config(
        heads={"complaint": {"kind": "probability"}, "valence": {"kind": "regression"}},
        sources=[
            {"name": name, "path": f"{name}.csv", "labels": {"complaint": {}}}
            for name in ("early", "own")
        ],
        stages=[
            {"sources": {"early": 1, "own": 1}, "epochs": 3},
            {"sources": {"own": 2}, "epochs": 2, "rate": 0.5},
        ],
        replay=2,
    )


def counted(samples: list[Sample], split: str) -> Counter[str]:
    return Counter(sample.source for sample in samples if sample.split == split)


def test_paths_are_a_folder_and_files(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "mine.csv", "text", [])
    assert Data.of([file, tmp_path]) == Data(tmp_path, (file,))
    assert Data.of([file]) == Data(Path(), (file,))


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["none"], "{0}/none nowhere"),
        (["none", "nothing.csv"], "{0}/none, {0}/nothing.csv nowhere"),
        (["", ""], "2 folders"),
    ],
)
def test_paths_that_are_neither_are_refused(names: list[str], found: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        Data.of([tmp_path / name for name in names])
    assert str(error.value) == (
        "--data: expected files of labels and at most one folder, found "
        f"{found.format(tmp_path)}. Correct --data."
    )


def test_files_of_ones_own_stand_in_for_the_sources(config: TrainConfig, tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", "text,complaint,note", ["late,1,x"] * 2)
    second = write_jsonl(tmp_path / "b.jsonl", [{"text": "fine"}, {"text": "ok", "valence": 0.5}])
    chosen = with_files(config, [first, second])
    assert [(s.name, set(s.labels)) for s in chosen.sources] == [
        ("a", {"complaint"}),
        ("b", {"valence"}),
    ]
    assert chosen.stages == (Stage(sources={"a": 1, "b": 1}, epochs=3),)
    assert len(read_samples(chosen, Data(tmp_path / "nowhere"))) == 4
    assert with_files(config, []) == config


def test_a_file_without_a_head_among_its_columns_is_refused(
    config: TrainConfig, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "a.csv", "text,Complaint", ["late,1"])
    with pytest.raises(DataError) as error:
        with_files(config, [file])
    assert str(error.value) == (
        f"{file}: expected a column named after a head (complaint, valence), found 'Complaint', "
        "'text'. Rename the columns, or map them in the sources of a configuration."
    )


@pytest.fixture
def added(tmp_path: Path) -> Path:
    """Fifty corrections; a head that was not corrected has no key."""
    records = [{"text": f"a new thing {n}", "id": str(n), "complaint": n % 2} for n in range(50)]
    return write_jsonl(tmp_path / "corrections.jsonl", [{"text": "no label"}, *records])


def test_added_labels_are_learnt_with_twice_as_many_earlier_ones(
    config: TrainConfig, folder: Path, added: Path
) -> None:
    chosen = with_added(config, added)
    samples = read_samples(chosen, Data(folder))
    training = counted(samples, "train")
    assert training[ADDED] + counted(samples, "validation")[ADDED] == 51
    assert counted(samples, "test")[ADDED] == 0
    assert training[ADDED] > 40
    assert training["own"] == 2 * training[ADDED]
    assert chosen.stages == (Stage(sources={"own": 2, ADDED: 1}, epochs=2, rate=0.5),)


def test_what_is_rehearsed_is_training_data_only_and_the_tests_stay_whole(
    config: TrainConfig, folder: Path, added: Path
) -> None:
    before = read_samples(config, Data(folder))
    after = read_samples(with_added(config, added), Data(folder))
    for split in ("test", "validation"):
        kept = [row for row in after if row.split == split and row.source != ADDED]
        assert kept == [row for row in before if row.split == split]
    rehearsed = {row.text for row in after if row.split == "train" and row.source == "own"}
    assert rehearsed < {row.text for row in before if row.split == "train"}


@pytest.mark.parametrize(("seed", "same"), [(1, True), (2, False)])
def test_chance_chooses_what_is_rehearsed(
    seed: int, same: bool, config: TrainConfig, folder: Path, added: Path
) -> None:
    chosen = with_added(config, added)
    first = read_samples(chosen, Data(folder))
    again = read_samples(chosen.model_copy(update={"seed": seed}), Data(folder))
    assert (first == again) is same


@pytest.mark.parametrize(("replay", "most"), [(0, 0), (1000, None)])
def test_replay_of_nothing_or_everything(
    replay: float, most: int | None, config: TrainConfig, folder: Path, added: Path
) -> None:
    everything = counted(read_samples(config, Data(folder)), "train")["own"]
    chosen = with_added(config.model_copy(update={"replay": replay}), added)
    found = counted(read_samples(chosen, Data(folder)), "train")["own"]
    assert found == (everything if most is None else most)


def test_added_labels_of_a_tested_message_are_a_leak(
    config: TrainConfig, folder: Path, tmp_path: Path
) -> None:
    tested = next(row for row in read_samples(config, Data(folder)) if row.split == "test")
    added = write_jsonl(
        tmp_path / "added.jsonl",
        [{"text": text, "complaint": 1} for text in (tested.text, "another one", "and one more")],
    )
    chosen = with_added(config, added)
    with pytest.raises(DataError, match=r"added: expected no message both for training and for"):
        read_samples(chosen, Data(folder))
    dropped = read_samples(chosen.model_copy(update={"leaks": "drop"}), Data(folder))
    assert tested.text not in {row.text for row in dropped if row.split != "test"}


def test_each_file_that_decides_what_is_learnt_has_its_digest(
    config: TrainConfig, folder: Path
) -> None:
    kept = write_csv(folder / "kept.csv", "text", ["the own text 1"])
    own = config.sources[1].model_copy(update={"held_out": "kept.csv"})
    config = config.model_copy(update={"sources": (config.sources[0], own)})
    found = data_sha256(config, Data(folder))
    assert set(found) == {"early.csv", "own.csv", "kept.csv"}
    assert found["kept.csv"] == file_sha256(kept)


def test_labels_of_the_same_name_as_their_messages_have_a_digest_of_their_own(
    config: TrainConfig, folder: Path
) -> None:
    (folder / "labels").mkdir()
    more = write_csv(folder / "labels" / "own.csv", "id", ["1"])
    own = config.sources[1].model_copy(update={"more_labels": "labels/own.csv"})
    far = own.model_copy(update={"path": str(folder / "own.csv")})
    for source in (own, far):
        found = data_sha256(config.model_copy(update={"sources": (source,)}), Data(folder))
        assert set(found) == {"own.csv", "labels/own.csv"}
        assert found["labels/own.csv"] == file_sha256(more)
