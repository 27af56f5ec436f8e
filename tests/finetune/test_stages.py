"""Which samples a stage reads, and how often."""

import pytest

from finetune.config import Stage, TrainConfig, load_config
from finetune.samples import DataError, Sample
from finetune.stages import read_in, select

CONFIG = load_config()
SOURCES = [source.name for source in CONFIG.sources]
SAMPLES = [
    Sample(f"{source} {n}", source, "", "train", {}) for source in SOURCES for n in range(100)
]


def sources(samples: list[Sample]) -> set[str]:
    return {sample.source for sample in samples}


def limited(most: int) -> TrainConfig:
    return CONFIG.model_copy(update={"max_samples": most})


def test_everything_comes_first_and_shops_last() -> None:
    first, *_, last = CONFIG.stages
    assert sources(select(SAMPLES, first, CONFIG)) == set(SOURCES)
    assert set(SOURCES) - sources(select(SAMPLES, last, CONFIG)) == {"lexicon", "valence_movies"}
    assert last.sources["complaint_tweets"] > last.sources["subjectivity"]
    assert last.rate < first.rate


@pytest.mark.parametrize(("times", "rows"), [(1, 100), (3, 300)])
def test_a_source_is_read_as_often_as_asked(times: int, rows: int) -> None:
    stage = Stage(sources={"own_messages": times}, epochs=1)
    assert len(select(SAMPLES, stage, CONFIG)) == rows


@pytest.mark.parametrize("most", [20, 60, 10_000])
def test_a_small_run_still_meets_every_source(most: int) -> None:
    chosen = select(SAMPLES, CONFIG.stages[0], limited(most))
    assert sources(chosen) == set(SOURCES)
    assert len(chosen) < most * 1.5


def staged(*stages: Stage) -> TrainConfig:
    return CONFIG.model_copy(update={"stages": stages})


def test_what_no_stage_reads_is_not_learnt_from() -> None:
    config = staged(Stage(sources={"subjectivity": 2}, epochs=1))
    tested = [Sample("kept", "subjectivity", "", "test", {})]
    found = read_in([*SAMPLES, *tested], config)
    assert sources(found) == {"subjectivity"}
    assert len(found) == 100


def test_a_stage_with_nothing_to_read_is_refused() -> None:
    only_tests = [Sample("kept", "own_messages", "", "test", {})]
    full, empty = (Stage(sources={n: 1}, epochs=1) for n in ("subjectivity", "own_messages"))
    rows = [row for row in SAMPLES if row.source != "own_messages"]
    with pytest.raises(DataError) as error:
        read_in([*rows, *only_tests], staged(full, empty))
    assert str(error.value) == (
        "stage 2: expected samples for training from own_messages, found none. Give label files "
        "with more messages, or leave out the stage."
    )
