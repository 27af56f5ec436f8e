"""Which samples a stage reads, and how often."""

import pytest

from finetune.config import TrainConfig
from finetune.samples import COMPLAINT_TWEETS, UNADDRESSED, Sample
from finetune.stages import Stage, stages

SOURCES = (
    "valence_amazon",
    "valence_tweets",
    "valence_movies",
    COMPLAINT_TWEETS,
    UNADDRESSED,
    "own_messages",
)
SAMPLES = [Sample(f"{source} {n}", source, "train") for source in SOURCES for n in range(100)]


def sources(samples: list[Sample]) -> set[str]:
    return {sample.source for sample in samples}


def test_everything_comes_first_and_shops_last() -> None:
    first, last = stages(TrainConfig())
    assert sources(first.select(SAMPLES, None)) == set(SOURCES)
    assert sources(last.select(SAMPLES, None)) == {
        "valence_amazon",
        COMPLAINT_TWEETS,
        UNADDRESSED,
        "own_messages",
    }


def test_the_second_stage_goes_on_at_a_lower_rate() -> None:
    first, last = stages(TrainConfig(epochs=5, shop_epochs=4, shop_rate=0.3))
    assert (first.epochs, first.rate, last.epochs, last.rate) == (5, 1.0, 4, 0.3)


@pytest.mark.parametrize(("times", "rows"), [(1, 100), (3, 300)])
def test_a_source_is_read_as_often_as_asked(times: int, rows: int) -> None:
    stage = Stage({"own_messages": times}, epochs=1, rate=1.0)
    assert len(stage.select(SAMPLES, None)) == rows


@pytest.mark.parametrize("most", [20, 60, 10_000])
def test_a_small_run_still_meets_every_source(most: int) -> None:
    first, _ = stages(TrainConfig())
    chosen = first.select(SAMPLES, most)
    assert sources(chosen) == set(SOURCES)
    assert len(chosen) < most * 1.5


def test_a_stage_may_have_nothing_to_read() -> None:
    assert Stage({"valence_news": 1}, epochs=1, rate=1.0).select(SAMPLES, 10) == []
