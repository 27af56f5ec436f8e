"""`amends labels` on a real database, suggestions with the shipped adapter."""

import csv
import json
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from amends.cli import app
from amends.commands import labels as labels_command
from amends.settings import get_settings
from tickets.case import Case
from tickets.store import TicketStore, migrate
from tickets.triage import Decision, Triage

TRIAGE = Triage(decision=Decision.ESCALATE, rule="person", detail="asked for a person")
SURE = "I love it, thank you so much, best shop ever!"
UNSURE = "Well, the lamp is here, I suppose."


def run(*arguments):
    return CliRunner().invoke(app, ["labels", *map(str, arguments)])


def refused(result):
    """The one line of an error, after checks that it is all there is."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("amends: ").removesuffix("\n")


def read(file):
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def escalate(message, text="Where is it?"):
    case = Case(
        conversation_id="c1", message_id=message, text=text, category="delivery", triage=TRIAGE
    )
    with closing(TicketStore.open(get_settings().ticket_database_url)) as store:
        return store.escalate(case).ticket.reference


@pytest.fixture
def _migrated():
    migrate(get_settings().ticket_database_url)


@pytest.fixture
def reference(_migrated):
    """Of a ticket with the messages m1 and m2."""
    escalate("m1")
    return escalate("m2", "Mail [email], it is “broken”.")


@pytest.fixture(scope="module")
def loaded():
    return labels_command._load()


@pytest.fixture
def _model(loaded, monkeypatch):
    """The one real model, in place of loading it for each test."""
    monkeypatch.setattr(labels_command, "_load", lambda: loaded)


@pytest.fixture
def _no_model(monkeypatch):
    """For what must be told before seconds are spent on loading."""
    monkeypatch.setattr(labels_command, "_load", lambda: pytest.fail("the model was loaded"))


def test_correction_is_told_shown_and_exported_without_the_name(reference, tmp_path):
    fields = ["--polarity", "Negative", "--category", "other", "--no-escalate"]
    result = run("correct", reference.lower(), *fields, "--by", "Ada Example")
    assert result.exit_code == 0
    assert result.stdout == (
        f"Stored for {reference}, message m2: polarity negative, category other, do not escalate.\n"
    )
    (line,) = run("show", reference).stdout.splitlines()
    time, *cells = line.split("\t")
    assert datetime.fromisoformat(time).date() == datetime.now(UTC).date()
    assert cells == ["m2", "Ada Example", "polarity negative, category other, do not escalate"]

    file = tmp_path / "corrections.jsonl"
    assert run("export", "--output", file).exit_code == 0
    (row,) = read(file)
    assert abs((datetime.now(UTC) - datetime.fromisoformat(row.pop("at"))).total_seconds()) < 60
    assert row == {
        "id": f"{reference}/m2",
        "text": "Mail [email], it is “broken”.",
        "polarity": "negative",
        "category": "other",
        "escalate": False,
    }
    assert "Ada" not in file.read_text("utf-8")


def test_later_correction_wins_in_the_export_and_both_are_shown(reference, tmp_path):
    for intensity, agent in (("weak", "Ada"), ("extreme", "Ben")):
        arguments = ["--message", "m1", "--intensity", intensity, "--by", agent]
        assert run("correct", reference, *arguments).exit_code == 0
    shown = [line.split("\t")[1:] for line in run("show", reference).stdout.splitlines()]
    assert shown == [["m1", "Ada", "intensity weak"], ["m1", "Ben", "intensity extreme"]]
    run("export", "--output", tmp_path / "out.jsonl")
    assert [row["intensity"] for row in read(tmp_path / "out.jsonl")] == ["extreme"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--polarity", "angry"],
            "Expected polarity to be one of negative, neutral, positive, found 'angry'. "
            "Correct it.",
        ),
        (["--category", "weather"], "other, found 'weather'. Correct it."),
        ([], "Say at least one of them."),
        (["--escalate", "--message", "m7"], "found 'm7', which none has."),
        (["--escalate", "--by", " "], "found 0. Say who you are."),
    ],
)
def test_correction_that_cannot_be_stored_is_one_clear_line(reference, arguments, message):
    assert message in refused(run("correct", reference, "--by", "Ada", *arguments))
    assert run("show", reference).stdout == ""


@pytest.mark.usefixtures("_migrated")
@pytest.mark.parametrize("command", [["show"], ["correct", "--by", "Ada", "--escalate"]])
def test_unknown_reference_is_one_clear_line(command):
    assert refused(run(*command, "AM-000000")) == (
        "Expected the reference of a ticket, found 'AM-000000', which none has. "
        "See `amends tickets list`."
    )


def test_categories_are_those_of_the_shop(reference, tmp_path, monkeypatch):
    entry = {"label": "x", "owner": "x", "remedy": "x", "examples": ["a", "b", "c"]}
    categories = {"categories": {"gifts": entry, "repairs": entry}, "other_examples": ["d"] * 3}
    (tmp_path / "mine.yml").write_text(json.dumps(categories))
    monkeypatch.setenv("AMENDS_CATEGORIES_FILE", str(tmp_path / "mine.yml"))
    get_settings.cache_clear()
    assert run("correct", reference, "--category", "gifts", "--by", "Ada").exit_code == 0
    error = refused(run("correct", reference, "--category", "delivery", "--by", "Ada"))
    assert "one of gifts, repairs, other, found 'delivery'" in error


def test_export_since_a_day_leaves_earlier_ones_out(reference, tmp_path):
    run("correct", reference, "--escalate", "--by", "Ada")
    file = tmp_path / "out.jsonl"
    today = datetime.now(UTC).date()
    assert run("export", "--output", file, "--since", today).exit_code == 0
    assert len(read(file)) == 1
    result = run("export", "--output", file, "--since", "2999-01-01")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Nothing was corrected since 2999-01-01.\n"
    assert file.read_text() == ""


@pytest.mark.usefixtures("_migrated")
def test_export_of_nothing_leaves_no_older_file_to_train_on(tmp_path):
    file = tmp_path / "out.jsonl"
    file.write_text('{"text": "from last week"}\n')
    result = run("export", "--output", file)
    assert (result.exit_code, result.stderr) == (0, "Nothing was corrected.\n")
    assert file.read_text() == ""


@pytest.mark.parametrize("day", ["yesterday", "31.01.2026", "2026-02-30", ""])
def test_day_that_is_none_is_one_clear_line(reference, tmp_path, day):
    assert refused(run("export", "--output", tmp_path / "out.jsonl", "--since", day)) == (
        f"--since: expected a date such as 2026-01-31, found {day!r}. Correct it."
    )
    assert not (tmp_path / "out.jsonl").exists()


def test_export_that_fails_leaves_the_older_file_whole(reference, tmp_path, monkeypatch):
    run("correct", reference, "--escalate", "--by", "Ada")
    file = tmp_path / "out.jsonl"
    file.write_text("older\n")

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert refused(run("export", "--output", file)) == (
        f"--output {file}: expected a file that can be written, found: No space left on device. "
        "Make room or name another one."
    )
    assert file.read_text() == "older\n"
    assert [path.name for path in tmp_path.glob("*.draft")] == []
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_export_goes_into_a_pipe(reference):
    run("correct", reference, "--escalate", "--by", "Ada")
    program = "from amends.commands.labels import app; app()"
    child = [sys.executable, "-c", program, "export", "--output", "/dev/stdout"]
    printed = subprocess.run(child, capture_output=True, text=True, check=True).stdout
    assert json.loads(printed)["escalate"] is True


def test_missing_database_is_one_clear_line(tmp_path):
    for command in (["export"], ["suggest"]):
        error = refused(run(*command, "--output", tmp_path / "out.jsonl"))
        assert error.endswith("found none. Run `amends tickets migrate`.")
        assert not (tmp_path / "out.jsonl").exists()


def messages(path, *texts):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["key", "words"], *((f"k{n}", t) for n, t in enumerate(texts))])
    return ["--input", path, "--text-column", "words", "--id-column", "key"]


@pytest.mark.usefixtures("_model")
def test_unsure_messages_are_suggested_first_masked_and_once(tmp_path):
    texts = [SURE, UNSURE, f"  {UNSURE}", "", "你好吗", "Hm, ask bob@example.com about the tent?"]
    source, out = messages(tmp_path / "in.csv", *texts), tmp_path / "out.jsonl"
    assert run("suggest", *source, "--output", out).exit_code == 0
    rows = read(out)
    assert {row["id"]: row["text"] for row in rows} == {
        "k0": SURE,
        "k1": UNSURE,
        "k5": "Hm, ask [email] about the tent?",
    }
    assert rows[0]["uncertainty"] == max(row["uncertainty"] for row in rows)
    for row in rows:
        assert set(row["unsure"]) == {"polarity", "intensity", "complaint", "escalate"}
        mean = sum(row["unsure"].values()) / len(row["unsure"])
        assert row["uncertainty"] == pytest.approx(mean, abs=1e-3)
        assert 0 <= row["uncertainty"] <= 1


@pytest.mark.usefixtures("_model")
def test_same_messages_give_the_same_suggestions_and_so_many(tmp_path):
    texts = [f"the {thing} is {how}" for thing in ("tent", "lamp") for how in ("odd", "ok", "here")]
    source = messages(tmp_path / "in.csv", *texts)
    for out in ("a.jsonl", "b.jsonl"):
        result = run("suggest", *source, "--number", 4, "--output", tmp_path / out)
        assert (result.exit_code, result.stderr) == (0, "")
    assert (tmp_path / "a.jsonl").read_text() == (tmp_path / "b.jsonl").read_text()
    assert len(read(tmp_path / "a.jsonl")) == 4


@pytest.mark.usefixtures("_model")
def test_without_a_file_messages_on_tickets_without_a_label_are_suggested(reference, tmp_path):
    run("correct", reference, "--escalate", "--by", "Ada")
    out = tmp_path / "out.jsonl"
    assert run("suggest", "--output", out).exit_code == 0
    assert [(row["id"], row["text"]) for row in read(out)] == [(f"{reference}/m1", "Where is it?")]


@pytest.mark.usefixtures("_migrated", "_no_model")
def test_nothing_to_suggest_is_told(tmp_path):
    source, out = messages(tmp_path / "in.csv", "", "你好吗"), tmp_path / "out.jsonl"
    for arguments in ([], source):
        result = run("suggest", *arguments, "--output", out)
        assert (result.exit_code, out.read_text()) == (0, "")
        assert result.stderr == "There is no message without a label that the classifier reads.\n"


@pytest.mark.usefixtures("_no_model")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("in.doc", "expected a file that ends in .csv, .tsv, .txt, .jsonl, .parquet, found .doc."),
        ("none.csv", "expected a file, found none. Correct --input."),
        ("other.csv", "expected the column 'text', found 'a'. Name the right one with --text"),
        ("latin.csv", "expected UTF-8 text, found the byte 0xe9"),
    ],
)
def test_input_that_cannot_be_read_is_one_clear_line(tmp_path, name, message):
    (tmp_path / "other.csv").write_text("a\nb\n")
    (tmp_path / "latin.csv").write_bytes(b"text\ncaf\xe9\n")
    out = tmp_path / "out.jsonl"
    assert message in refused(run("suggest", "--input", tmp_path / name, "--output", out))
    assert not out.exists()


@pytest.mark.usefixtures("_no_model")
def test_input_is_never_overwritten(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("text\nWhere is it?\n")
    error = refused(run("suggest", "--input", source, "--output", source))
    assert error.startswith("--output: expected another file than the input, found ")
    assert source.read_text() == "text\nWhere is it?\n"


@pytest.mark.usefixtures("_no_model")
@pytest.mark.parametrize("command", [["suggest"], ["export"]])
def test_output_that_cannot_be_written_is_told_before_the_work(reference, tmp_path, command):
    out = tmp_path / "no folder" / "out.jsonl"
    assert refused(run(*command, "--output", out)).startswith(f"--output {out}: expected a file")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ([], ["correct", "show", "export", "suggest"]),
        (["correct"], ["--no-escalate", "Nothing is overwritten", "Example: amends labels"]),
        (["export"], ["amends train --add", "Who corrected stays out", "Example: amends labels"]),
        (["suggest"], ["--number", "the most worthy first", "Example: amends labels"]),
    ],
)
def test_help_teaches(command, words):
    result = CliRunner(env={"COLUMNS": "120"}).invoke(app, ["labels", *command, "--help"])
    assert result.exit_code == 0
    flat = " ".join(result.stdout.split())
    assert all(word in flat for word in words)
