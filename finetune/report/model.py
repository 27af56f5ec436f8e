"""The report as it is kept: figures and counts, no message of any data set."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from finetune.calibration import Bin
from finetune.measures import Figure
from finetune.report.behaviour import Check
from finetune.report.groups import Gap
from nlu.scoring_model import Precision

FORMAT = 1


class Part(BaseModel):
    """A part of the report; an unknown key is an error, and NaN is written as a word."""

    # JSON has no NaN, and null would not be read as a number again.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class ClassRow(Part):
    """How well one class is told apart.

    Attributes:
        label: Its name.
        precision: Share of what was taken for it that was it; NaN if nothing was.
        recall: Share of it that was found; NaN if there was none.
        f1: Their harmonic mean.
        rows: How many there are.
    """

    label: str
    precision: float
    recall: float
    f1: float
    rows: int


class Classes(Part):
    """The classes of one source and head.

    Attributes:
        name: Source and head.
        labels: In the order of the matrix.
        confusion: How many rows of each class (down) were taken for each (across).
        classes: One row a class.
    """

    name: str
    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    classes: tuple[ClassRow, ...]


class Reliability(Part):
    """Whether the probabilities of one source and head mean what they say.

    Attributes:
        name: Source and head.
        temperature: What the logits are divided by.
        shift: What is then added to each.
        before: Bins without both.
        after: Bins with them.
        error_before: Calibration error without them, 0…1.
        error_after: With them.
        by_chance: The error that perfect probabilities would show on so many rows.
        rows: How many.
    """

    name: str
    temperature: float
    shift: tuple[float, ...]
    before: tuple[Bin, ...]
    after: tuple[Bin, ...]
    error_before: float
    error_after: float
    by_chance: float
    rows: int


class Operating(Part):
    """What one threshold would give: how many urgent messages, and of calls that are right."""

    threshold: float
    recall: float
    precision: float


class Escalation(Part):
    """Who is handed to a person.

    Attributes:
        threshold: The chosen severity.
        least_precision: The precision that it was chosen to keep, on other rows.
        curve: What every threshold would give.
        urgent: How many rows a person should see.
        rows: How many there are.
    """

    threshold: float
    least_precision: float
    curve: tuple[Operating, ...]
    urgent: int
    rows: int


class Slice(Part):
    """A part of the rows of one source and head.

    Attributes:
        source: Where they come from.
        head: What they are labelled for.
        name: What they have in common.
        measure: Of which the figure is one.
        figure: On these rows.
        enough: Whether it is more than chance; see `finetune.report.rows.Rows.enough`.
        gated: Whether a fall of it keeps an adapter from being published: there are enough rows,
            and the source is one of those that shops' customers write.
    """

    source: str
    head: str
    name: str
    measure: str
    figure: Figure
    enough: bool
    gated: bool

    @property
    def title(self) -> str:
        """How its figure is called."""
        return f"{self.source} {self.head} {self.measure} [{self.name}]"


class Report(Part):
    """Everything that is told of one adapter.

    Attributes:
        format: Of this report.
        adapter: Name and version.
        base_model: What it was trained on.
        made: When, in UTC.
        machine: Where.
        precision: In which it is measured, where nothing else is said: the one that serves.
        figures: By which adapters are compared.
        systems: The same figures of others on the same rows: other precisions and baselines.
        classes: Tables and matrices.
        reliability: Before and after calibration.
        escalation: None for an adapter that does not serve.
        slices: Parts of the rows.
        behaviour: What must and must not change a decision.
        groups: How differently groups are heard.
    """

    format: int = FORMAT
    adapter: str
    base_model: str
    made: datetime
    machine: str
    precision: Precision
    figures: dict[str, Figure]
    systems: dict[str, dict[str, Figure]]
    classes: tuple[Classes, ...]
    reliability: tuple[Reliability, ...]
    escalation: Escalation | None
    slices: tuple[Slice, ...]
    behaviour: tuple[Check, ...]
    groups: tuple[Gap, ...]
