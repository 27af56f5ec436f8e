"""A policy file is read strictly: what a shopper would miss or misread is refused with its line."""

from pathlib import Path

import pytest
import yaml

from amends.settings import ROOT
from nlu.policy_file import (
    LONGEST,
    POLICY_INTENTS,
    PolicyFileError,
    read_policies,
    read_policy_file,
)

SHIPPED = ROOT / "templates" / "policies"
SMALL = """# Policies

<!-- How to edit,
over two lines. -->
## Delivery
<!-- answers: delivery_period, delivery_options -->
- Two days.
<!-- a note -->
- Free from 60.

## Gift cards
- Valid for three years.
"""


def write(folder: Path, text: str | bytes, name: str = "en.md") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_facts_know_their_line_and_heading(tmp_path: Path) -> None:
    file = read_policy_file(write(tmp_path, SMALL))
    lines = SMALL.split("\n")

    assert [fact.text for fact in file.facts()] == [
        "Two days.",
        "Free from 60.",
        "Valid for three years.",
    ]
    assert all(lines[fact.line - 1] == f"- {fact.text}" for fact in file.facts())
    assert [fact.heading for fact in file.facts()] == ["Delivery", "Delivery", "Gift cards"]


def test_an_intent_has_the_facts_of_its_sections(tmp_path: Path) -> None:
    file = read_policy_file(write(tmp_path, SMALL))

    assert [fact.text for fact in file.facts("delivery_options")] == ["Two days.", "Free from 60."]
    assert file.facts("review") == []


@pytest.mark.parametrize("change", [lambda t: t.replace("\n", "\r\n"), lambda t: "\ufeff" + t])
def test_what_an_editor_on_another_system_writes_is_the_same(change, tmp_path: Path) -> None:
    assert read_policy_file(write(tmp_path, change(SMALL))).facts() == (
        read_policy_file(write(tmp_path, SMALL, "de.md")).facts()
    )


ANYTHING = "## Delivery\n"
FAULTS = {
    "prose": (ANYTHING + "Two days.", 2, 'expected a heading ("## ..."), a fact', '"Two days."'),
    "deeper heading": ("### Delivery\n- Two days.", 1, "expected a heading", '"### Delivery"'),
    "second title": (SMALL + "# More", 13, "expected a heading", '"# More"'),
    "wrapped fact": (ANYTHING + "- Two\n  days.", 3, "one line that begins with a hyphen", "days"),
    "empty section": ("## A\n- x\n## B\n", 3, 'a fact ("- ...") below the heading "B"', "none"),
    "no section": ("# Policies\n", 1, "expected at least one heading", "none"),
    "empty file": ("", 1, "expected at least one heading", "none"),
    "no heading": ("- Two days.", 1, "expected a heading before the first fact", "none"),
    "no words": (ANYTHING + "-  \n- x", 2, "expected", "-"),
    "fact twice": ("## A\n- x y\n## B\n- X y", 4, "each heading and each fact once", "line 2"),
    "heading twice": ("## A\n- x\n## a\n- y", 3, "each heading and each fact once", "line 1"),
    "too long": (ANYTHING + "- " + "x" * 241, 2, f"at most {LONGEST} characters", "241"),
    "unknown intent": (
        ANYTHING + "<!-- answers: delivery_perod -->\n- x",
        2,
        "delivery_period",
        '"delivery_perod"',
    ),
    "no intent": (ANYTHING + "<!-- answers: -->\n- x", 2, "expected names among", '""'),
    "intent twice": (ANYTHING + "<!-- answers: review, review -->\n- x", 2, "each once", "review"),
    "intents below a fact": (ANYTHING + "- x\n<!-- answers: review -->", 3, "right below", ""),
    "intents twice": (
        ANYTHING + "<!-- answers: review -->\n<!-- answers: edit_account -->\n- x",
        3,
        "one such comment a section",
        "",
    ),
    "intents of nothing": ("<!-- answers: review -->\n## A\n- x", 1, "right below its", ""),
    "comment without end": (ANYTHING + "- x\n<!-- note\n- y", 3, "a comment that ends with", ""),
    "a fact behind a comment": ("<!-- a\nb --> - x\n## A\n- y", 2, "lines of its own", ""),
    "a comment in a comment": ("<!-- a\n<!-- b -->\n## A\n- y", 2, "lines of its own", ""),
    "a comment in a fact": (ANYTHING + "- x <!-- y -->", 2, "lines of its own", ""),
    "not UTF-8": (b"## A\n- 60 \x80\n", 2, "expected UTF-8", "0x80"),
}


@pytest.mark.parametrize(("text", "line", "expected", "found"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_refused_with_its_line(text, line, expected, found, tmp_path: Path) -> None:
    path = write(tmp_path, text)

    with pytest.raises(PolicyFileError) as refused:
        read_policies(tmp_path)

    assert str(refused.value).startswith(f"{path}, line {line}: expected ")
    assert expected in str(refused.value)
    assert found in str(refused.value).partition("found ")[2]
    assert str(refused.value).endswith(".")


def test_a_folder_without_policies_is_refused(tmp_path: Path) -> None:
    write(tmp_path, SMALL, "README.md")

    with pytest.raises(PolicyFileError, match=r"such as en\.md, found none.*AMENDS_POLICIES_DIR"):
        read_policies(tmp_path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyFileError, match=r"expected a policy file, found: .*No such file"):
        read_policy_file(tmp_path / "en.md")


def test_the_intents_are_those_of_the_rules() -> None:
    rules = yaml.safe_load((ROOT / "assistant/data/rules/policies.yml").read_text("utf-8"))
    named = {step["intent"] for rule in rules["rules"] for step in rule["steps"][:1]}

    assert named == POLICY_INTENTS


@pytest.mark.parametrize("language", sorted(read_policies(SHIPPED)))
def test_the_shipped_policies_answer_every_intent(language: str) -> None:
    file = read_policies(SHIPPED)[language]

    assert {intent for intent in POLICY_INTENTS if not file.facts(intent)} == set()


def test_the_shipped_policies_say_what_the_demo_shop_says() -> None:
    said = " ".join(fact.text for fact in read_policies(SHIPPED)["en"].facts())

    for words in ("two to four days", "€ 60", "sixty days", "used or not", "label is in the box"):
        assert words in said
