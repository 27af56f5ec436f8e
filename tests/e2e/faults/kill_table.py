"""The count, for a terminal and for docs/faults.md."""

from dataclasses import dataclass, field

from ledger import Findings

from amends.settings import ROOT

DOCS = ROOT / "docs" / "faults.md"
TITLE = "## Killed for real"
COLUMNS = (
    "killed", "while", "kills", "messages", "tickets", "told that it is recorded",
    "not told so", "of these recorded", "lost", "doubled", "untrue",
)  # fmt: skip


@dataclass
class Row:
    """What came of one process killed at one step, any number of times."""

    kills: int = 0
    found: Findings = field(default_factory=Findings)


class Table:
    """Rows by killed part and step."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Row] = {}
        self.end = Findings()

    def add(self, part: str, step: str, found: Findings) -> None:
        """Count one kill."""
        row = self.rows.setdefault((part, step), Row())
        row.kills += 1
        row.found += found

    def sum(self) -> Row:
        """All rows and what was found at the end."""
        whole = Row(sum(row.kills for row in self.rows.values()))
        for row in self.rows.values():
            whole.found += row.found
        whole.found += self.end
        return whole

    def lines(self) -> list[str]:
        """As Markdown."""
        head = [_line(COLUMNS), _line(["---"] * 2 + ["---:"] * (len(COLUMNS) - 2))]
        body = [_line((part, step, *_counts(row))) for (part, step), row in self.rows.items()]
        return [*head, *body, _line(("**all**", "", *_counts(self.sum())))]


def write(text: str) -> None:
    """Put the section into docs/faults.md, in place of the one that is there."""
    before = DOCS.read_text(encoding="utf-8").split(TITLE)[0].rstrip()
    DOCS.write_text(f"{before}\n\n{TITLE}\n\n{text}\n", encoding="utf-8")


def _counts(row: Row) -> tuple[object, ...]:
    found = row.found
    return (
        row.kills, found.messages, found.tickets, found.told, found.unsure, found.unsure_on_record,
        len(found.lost), len(found.doubled), len(found.untrue),
    )  # fmt: skip


def _line(cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"  # type: ignore[call-overload]
