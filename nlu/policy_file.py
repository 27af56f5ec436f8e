"""The file that says what a shop's policies are: edited by the shop's people, read strictly."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from amends.errors import AmendsError

SUFFIX = ".md"
LONGEST = 240
"""Characters of a fact; two of them and the words around them are still a short message."""

POLICY_INTENTS = frozenset(
    {
        "check_cancellation_fee",
        "check_payment_methods",
        "check_refund_policy",
        "contact_customer_service",
        "create_account",
        "delete_account",
        "delivery_options",
        "delivery_period",
        "edit_account",
        "newsletter_subscription",
        "payment_issue",
        "place_order",
        "recover_password",
        "registration_problems",
        "review",
        "set_up_shipping_address",
        "switch_account",
    }
)
"""What shoppers ask of the policies; the names are those of `assistant/data/rules/policies.yml`."""

_LANGUAGE = re.compile(r"[a-z]{2}")
_ANSWERS = re.compile(r"<!--\s*answers:(?P<names>.*)-->")
_COMMENT = re.compile(r"<!--.*?-->")
_OPENS, _CLOSES = "<!--", "-->"
_LOST = (
    f"a comment on lines of its own, between {_OPENS} and {_CLOSES}",
    "it on a line with something else, or one in another",
    "Give it lines of its own",
)


class PolicyFileError(AmendsError):
    """A policy file cannot be used; the message says which, where in it and what to do."""


@dataclass(frozen=True)
class Fact:
    """One line of a policy file.

    Attributes:
        text: Its words, as they stand there.
        line: Its number, the first line of the file being 1.
        heading: Of the section that it stands in.
    """

    text: str
    line: int
    heading: str


@dataclass
class Section:
    """A heading and what is below it.

    Attributes:
        heading: Its words.
        line: Its number.
        intents: What is looked up here first.
        facts: In the order of the file.
    """

    heading: str
    line: int
    intents: tuple[str, ...] = ()
    facts: list[Fact] = field(default_factory=list)


@dataclass(frozen=True)
class PolicyFile:
    """The policies in one language.

    Attributes:
        name: Of the file.
        sections: Each with at least one fact.
    """

    name: str
    sections: tuple[Section, ...]

    def facts(self, intent: str | None = None) -> list[Fact]:
        """The facts of the sections that answer this intent; all there are without one."""
        return [
            fact
            for section in self.sections
            if intent is None or intent in section.intents
            for fact in section.facts
        ]


def read_policies(folder: Path) -> dict[str, PolicyFile]:
    """Read the policy files of a folder, `<language>.md`, by language.

    Raises:
        PolicyFileError: there is none, or one cannot be used.
    """
    paths = sorted(path for path in folder.glob(f"*{SUFFIX}") if _LANGUAGE.fullmatch(path.stem))
    if not paths:
        raise PolicyFileError(
            f"{folder}: expected policies in a file such as en{SUFFIX}, found none. Write one "
            "(templates/policies/en.md is an example), or set AMENDS_POLICIES_DIR."
        )
    return {path.stem: read_policy_file(path) for path in paths}


def read_policy_file(path: Path) -> PolicyFile:
    """Read and check one policy file.

    Raises:
        PolicyFileError: it is missing, not UTF-8, or not of the expected form.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise PolicyFileError(
            f"{path}, line {line}: expected UTF-8, found the byte {error.object[error.start]:#x}. "
            "Save the file as UTF-8."
        ) from error
    except OSError as error:
        raise PolicyFileError(
            f"{path}: expected a policy file, found: {error}. Put it there, or set "
            "AMENDS_POLICIES_DIR."
        ) from error
    sections = _Parser(path).parse(text.split("\n"))
    return PolicyFile(path.name, sections)


class _Parser:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._sections: list[Section] = []
        self._seen: dict[str, int] = {}

    def parse(self, lines: Sequence[str]) -> tuple[Section, ...]:
        for number, line in self._outside_comments(lines):
            self._take(number, line)
        self._refuse_empty()
        return tuple(self._sections)

    def _outside_comments(self, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
        """The lines that say something; a comment may go over several."""
        opened = 0
        for number, raw in enumerate(lines, 1):
            line = raw.strip()
            if opened:
                # Words behind the end, or a second beginning: a fact could vanish in a comment.
                if _OPENS in line or (not line.endswith(_CLOSES) and _CLOSES in line):
                    self._refuse(number, *_LOST)
                opened = 0 if line.endswith(_CLOSES) else opened
            elif line.startswith(_OPENS) and _CLOSES not in line:
                opened = number
            elif line and (_ANSWERS.fullmatch(line) or not _COMMENT.fullmatch(line)):
                yield number, line
        if opened:
            self._refuse(opened, f"a comment that ends with {_CLOSES}", "no end", "End it")

    def _take(self, number: int, line: str) -> None:
        answers = _ANSWERS.fullmatch(line)
        if answers:
            self._answers(number, answers["names"])
        elif line.startswith("## "):
            self._heading(number, line[3:].strip())
        elif line.startswith("- "):
            self._fact(number, line[2:].strip())
        elif not line.startswith("# ") or self._sections:
            self._refuse(
                number,
                'a heading ("## ..."), a fact ("- ...") or a comment ("<!-- ... -->")',
                f'"{line[:60]}"',
                "Put a fact on one line that begins with a hyphen and a blank",
            )

    def _heading(self, number: int, heading: str) -> None:
        self._refuse_seen(number, heading)
        self._sections.append(Section(heading, number))

    def _fact(self, number: int, text: str) -> None:
        if not self._sections:
            self._refuse(number, "a heading before the first fact", "none", 'Add one: "## ..."')
        if len(text) > LONGEST:
            self._refuse(
                number,
                f"at most {LONGEST} characters",
                f"{len(text)}",
                "Make two facts of it, each whole in itself",
            )
        if _OPENS in text or _CLOSES in text:
            self._refuse(number, *_LOST)
        self._refuse_seen(number, text)
        section = self._sections[-1]
        section.facts.append(Fact(text, number, section.heading))

    def _answers(self, number: int, names: str) -> None:
        section = self._sections[-1] if self._sections else None
        if section is None or section.facts or section.intents:
            self._refuse(
                number,
                "one such comment a section, right below its heading",
                "it elsewhere",
                "Move it there; several names are separated by commas",
            )
        intents = tuple(name.strip() for name in names.split(","))
        for intent in intents:
            if intent not in POLICY_INTENTS or intents.count(intent) > 1:
                self._refuse(
                    number,
                    f"names among {', '.join(sorted(POLICY_INTENTS))}, each once",
                    f'"{intent}"',
                    "Correct or remove it",
                )
        section.intents = intents

    def _refuse_seen(self, number: int, text: str) -> None:
        before = self._seen.setdefault(text.casefold(), number)
        if before != number:
            self._refuse(
                number,
                "each heading and each fact once",
                f"that of line {before} again",
                "Remove one of the two",
            )

    def _refuse_empty(self) -> None:
        if not self._sections:
            self._refuse(1, 'at least one heading ("## ...")', "none", "Add one with facts below")
        for section in self._sections:
            if not section.facts:
                self._refuse(
                    section.line,
                    f'a fact ("- ...") below the heading "{section.heading}"',
                    "none",
                    "Add one, or remove the heading",
                )

    def _refuse(self, line: int, expected: str, found: str, todo: str) -> NoReturn:
        raise PolicyFileError(
            f"{self._path}, line {line}: expected {expected}; found {found}. {todo}."
        )
