"""The count, for a terminal and for docs/faults.md."""

from dataclasses import dataclass, field

from ledger import Findings

from amends.settings import ROOT

DOCS = ROOT / "docs" / "faults.md"
TITLE = "## Killed for real"
HEAD = """\
Written by `AMENDS_FAULT_ROUNDS={rounds} AMENDS_WRITE_DOCS=1 .venv/bin/python -m pytest \
tests/e2e/faults`: with the processes of `amends run`; shoppers over the web channel, who come back
as a browser does and send again under the same id what the chat does not show; shoppers over REST;
an agent who uses the desk's API and repeats what was not answered; and a webhook that checks every
signature. In each round one process gets SIGKILL, and PostgreSQL an immediate stop, while messages
or an agent's deeds are on their way: the oldest of them began 0.6 s or one and a half turns before,
the newest that moment. "Committed but not answered" kills when a case appears in the database. Then
the process is started anew, and all that was said and shown is compared with what is on record.

- "Not told so" are messages of which the shopper read that something failed or that nobody can be
  sure; "of these recorded" are on record all the same. What is in neither column is on record, and
  its shopper, who waits for a person or talks with one, was rightly told nothing.
- Lost is a message that is not on record although the shopper was told so, or was told nothing; a
  webhook that never came; a notice or an agent's reply that is missing.
- Doubled is what is there twice: on tickets, as a second open ticket about the same thing, or on
  the screen.
- Untrue are a reference that does not hold the message, a denial of what was recorded, and words of
  the bot while an agent talks."""
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


def write(tables: dict[str, Table], rounds: int) -> None:
    """Put the section into docs/faults.md, in place of the one that is there."""
    before = DOCS.read_text(encoding="utf-8").split(TITLE)[0].rstrip()
    parts = [before, TITLE, HEAD.format(rounds=rounds)]
    for database, table in tables.items():
        parts += [f"With {database}:", "\n".join(table.lines())]
    DOCS.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _counts(row: Row) -> tuple[object, ...]:
    found = row.found
    return (
        row.kills, found.messages, found.tickets, found.told, found.unsure, found.unsure_on_record,
        len(found.lost), len(found.doubled), len(found.untrue),
    )  # fmt: skip


def _line(cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"  # type: ignore[call-overload]
