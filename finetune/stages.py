"""The order in which a model meets the samples: all of them, then what customers write."""

from collections.abc import Sequence
from dataclasses import dataclass

from finetune.config import TrainConfig
from finetune.samples import COMPLAINT_TWEETS, UNADDRESSED, Sample


@dataclass(frozen=True)
class Stage:
    """One part of a training run.

    Attributes:
        repeats: How often each source is read in an epoch; a source that is not named is left out.
        epochs: Passes over that.
        rate: Share of the peak learning rates.
    """

    repeats: dict[str, int]
    epochs: int
    rate: float

    def select(self, samples: Sequence[Sample], most: int | None) -> list[Sample]:
        """The samples of one epoch.

        Args:
            samples: Of the training split.
            most: Take about so many only, evenly; all when None.
        """
        chosen = [s for s in samples for _ in range(self.repeats.get(s.source, 0))]
        # Every nth, not the first n: a small try-out still meets every source.
        return chosen[:: max(1, len(chosen) // (most or len(chosen) or 1))]


def stages(config: TrainConfig) -> tuple[Stage, ...]:
    """The stages of a run.

    Feeling is learnt from many sentences about films and from tweets of all kinds; what remains to
    learn is how shops' customers say it, from few. The few are read more than once an epoch, so
    that they are not drowned.
    """
    everything = {
        "valence_amazon": 2,
        "valence_tweets": 1,
        "valence_movies": 1,
        COMPLAINT_TWEETS: 1,
        UNADDRESSED: 1,
        "own_messages": 3,
    }
    shops = {"valence_amazon": 2, COMPLAINT_TWEETS: 1, UNADDRESSED: 1, "own_messages": 3}
    return (
        Stage(everything, config.epochs, rate=1.0),
        Stage(shops, config.shop_epochs, rate=config.shop_rate),
    )
