"""Other people's messages for the scripted conversations, read at run time and kept nowhere."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench_servers import BenchError

from amends.records import Request, read_records

Row = Mapping[str, str]

COLUMNS = ("id", "text", "complaint")
LABELS = ("id", "text", "polarity", "intensity", "escalate")
YES_NO = {"1": "yes", "0": "no"}


@dataclass
class Tweets:
    """Decks by filter, each dealt to its end before a message comes a second time.

    Attributes:
        rows: Of the labelled messages and of the others, which have no more than `complaint`.
        seed: Of the shuffling.
    """

    rows: list[Row]
    seed: int = 0
    _decks: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, seed: int = 0) -> "Tweets":
        """Read both files.

        Raises:
            InputError: a file cannot be read.
        """
        todo = "The conversations draw messages from it: give the folder that holds it with --data."
        where = "See finetune/README.md for its columns."
        labels = read_records(Request(folder / "complaint_labels.csv", LABELS, todo, where))
        known = {row["id"]: row for row in labels}
        every = read_records(Request(folder / "complaint_tweets.csv", COLUMNS, todo, where))
        return cls([{**row, **known.get(row["id"], {})} for row in every], seed)

    def draw(self, wanted: str) -> str:
        """A message that is as wanted, such as `complaint=1, intensity=weak|medium, escalate=0`.

        Raises:
            BenchError: there is none, or the wish cannot be read.
        """
        deck = self._decks.setdefault(wanted, [])
        if not deck:
            deck.extend(self._shuffled(wanted))
        return deck.pop()

    def _shuffled(self, wanted: str) -> list[str]:
        fits = _filter(wanted)
        texts = [row["text"].strip() for row in self.rows if fits(row) and row["text"].strip()]
        if not texts:
            raise BenchError(f"expected messages with {wanted!r}, found none in the label files")
        random.Random(f"{self.seed} {wanted}").shuffle(texts)  # noqa: S311 - no secret
        return texts


def _filter(wanted: str) -> Callable[[Row], bool]:
    parts = [part.partition("=") for part in wanted.split(",")]
    known = {"complaint", *LABELS}
    wishes = {name.strip(): values.strip().split("|") for name, _, values in parts}
    if not wishes.keys() <= known or not all(all(values) for values in wishes.values()):
        raise BenchError(
            f"expected a wish such as `intensity=weak|medium`, found {wanted!r}; its columns are "
            f"{', '.join(sorted(known - {'id', 'text'}))}"
        )
    for name in ("escalate",):
        wishes |= {name: [YES_NO.get(one, one) for one in wishes[name]]} if name in wishes else {}
    return lambda row: all(row.get(name) in values for name, values in wishes.items())
