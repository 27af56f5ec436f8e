"""Everything that is measured of one adapter, each message scored once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from amends.records import Request, read_records
from finetune.calibration import expected_calibration_error
from finetune.complaint_labels import half
from finetune.config import TrainConfig
from finetune.data import Data, read_samples
from finetune.measures import Figure, figure
from finetune.report.decisions import Figures, confidence, decided, figures_of, main_measure
from finetune.report.model import Slice
from finetune.report.rows import Rows, Values, rows_of
from finetune.report.scored import Scored
from finetune.report.served import Served, served
from finetune.report.slices import sliced
from finetune.report.subject import Subject
from finetune.samples import DataError, Sample
from finetune.sources import MAX_CHARS, SourceConfig, resolve
from nlu.heads import HeadSpec
from nlu.text import clean, without_handles


@dataclass(frozen=True)
class HeldOut:
    """What adapters are measured on.

    Attributes:
        samples: Of all splits; those of the split `test` are measured.
        domains: Of messages, where a source says it.
        shop: Sources that shops' customers write: those of the last stage of the training.
        heads: What the labels are of.
        data: Folder of the complaint labels.
    """

    samples: list[Sample]
    domains: Mapping[str, str]
    shop: frozenset[str]
    heads: Mapping[str, HeadSpec]
    data: Path

    @classmethod
    def read(cls, config: TrainConfig, data: Data) -> "HeldOut":
        """Read what a configuration names.

        Raises:
            DataError: a label or a column is wrong, or a text is both for training and the test.
            InputError: a file cannot be read.
        """
        return cls(
            samples=read_samples(config, data),
            domains=dict(_domains(config.sources, data.folder)),
            shop=frozenset(config.stages[-1].sources),
            heads=config.specs,
            data=data.folder,
        )


def _domains(sources: Sequence[SourceConfig], folder: Path) -> Iterator[tuple[str, str]]:
    for source in sources:
        if not source.path:
            continue
        request = Request(resolve(source.path, folder), [source.text], "", "", source.header)
        for row in read_records(request):
            if not row.get("domain"):
                break
            text = clean(str(row[source.text] or ""), MAX_CHARS)
            yield without_handles(text) if source.without_handles else text, str(row["domain"])


class Measured:
    """One adapter on the test rows."""

    def __init__(self, subject: Subject, held_out: HeldOut) -> None:
        self.subject = subject
        self.held_out = held_out
        self.scored = Scored(subject.classifier)
        self.served = self._served()
        self.rows = [*rows_of(held_out.samples, self._heads()), *self._served_rows()]
        self._refuse_none()
        self.scored.add(text for rows in [*self.rows, *self.judged] for text in rows.texts)

    @property
    def judged(self) -> list[Rows]:
        """Those to which a head gives probabilities."""
        called = [self.served.called] if self.served else []
        return [rows for rows in [*self.rows, *called] if rows.spec.kind != "regression"]

    def decide(self, rows: Rows) -> Values:
        """What the adapter decides on rows."""
        return decided(rows.spec, self.scored.outputs(rows))

    @cached_property
    def whole(self) -> Figures:
        """Every measure of every source and head, and of the assistant as it serves."""
        figures = self.served.figures() if self.served else {}
        for rows in self.rows:
            figures |= figures_of(rows, self.decide)
        return figures

    def calibration_errors(self) -> Figures:
        """How far probabilities are from what is, by source and head."""
        return {
            f"{rows.name} calibration error": self._calibration_error(rows) for rows in self.judged
        }

    def _calibration_error(self, rows: Rows) -> Figure:
        probs, truth = confidence(rows.spec, self.scored.outputs(rows), rows.truth)
        return figure(
            lambda right, said: expected_calibration_error(said, right), list(truth), list(probs)
        )

    def slices(self, *, only_shop: bool = False) -> list[Slice]:
        """The main measure of each slice.

        Args:
            only_shop: Leave out what no customer of a shop wrote.
        """
        wanted = [rows for rows in self.rows if not only_shop or rows.source in self.held_out.shop]
        parts = [(rows, name, part) for rows in wanted for name, part in self._parts(rows)]
        self.scored.add(text for _, _, part in parts for text in part.texts)
        return [self._slice(name, part) for _, name, part in parts]

    def _parts(self, rows: Rows) -> Iterator[tuple[str, Rows]]:
        return sliced(rows, self.held_out.domains)

    def _slice(self, name: str, part: Rows) -> Slice:
        label, measure = main_measure(part.spec.kind)
        found = figure(measure, list(part.truth), list(self.decide(part)))
        gated = part.enough and part.source in self.held_out.shop
        return Slice(
            source=part.source,
            head=part.head,
            name=name,
            measure=label,
            figure=found,
            enough=part.enough,
            gated=gated,
        )

    def _heads(self) -> dict[str, HeadSpec]:
        # A head of the same name that says something else is another head.
        heads = self.subject.manifest.heads
        return {name: spec for name, spec in heads.items() if self.held_out.heads.get(name) == spec}

    def _served(self) -> Served | None:
        if self.subject.assessor is None:
            return None
        return served(self.subject.assessor.assess, half(self.held_out.data, "report"))

    def _served_rows(self) -> tuple[Rows, ...]:
        return self.served.rows if self.served else ()

    def _refuse_none(self) -> None:
        if not self.rows:
            raise DataError(
                "expected test rows with labels of the adapter's heads "
                f"({', '.join(self.subject.manifest.heads)}), found none. Give the configuration "
                "that it was trained with by --config."
            )
