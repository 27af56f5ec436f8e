"""`amends assess` with the shipped model, in this process, in a pipe and on a terminal."""

import csv
import json
import os
import pty
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from amends.cli import app
from amends.commands.assess import CHUNK
from amends.settings import load_settings
from nlu.assessor import Assessor

SCORES = ["polarity", "polarity_probs", "valence", "intensity", "complaint", "subjectivity"]
NEARNESS = ["similarity", "runners_up"]
FIELDS = ["id", "text", *SCORES, "category", *NEARNESS, "escalate", "reason", "model"]
FURIOUS = "I am furious! A third toaster arrives smashed, disgusting and shameful service!"
CALM = "What time does your shop by the harbour open on Sunday?"
PLEASED = "Thank you, the green teapot came today and I love it."


@pytest.fixture(scope="module")
def assessor():
    return Assessor.load(load_settings())


@pytest.fixture
def loaded(assessor, monkeypatch):
    """The one real model, in place of loading it for each test."""
    monkeypatch.setattr("amends.commands.assess._load", lambda: assessor)


@pytest.fixture
def _no_model(monkeypatch):
    """For what must be told before seconds are spent on loading."""
    monkeypatch.setattr("amends.commands.assess._load", lambda: pytest.fail("the model was loaded"))


def run(*arguments):
    return CliRunner().invoke(app, ["assess", *map(str, arguments)])


def refused(result):
    """The one line of an error, after checks that it is all there is."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("amends: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def write(path, texts):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["key", "text"], *(["k" + t[:1], t] for t in texts)])
    return path


def records(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def assess_texts(folder, *texts):
    source, output = write(folder / "in.csv", texts), folder / "out.jsonl"
    result = run("--input", source, "--output", output)
    assert result.exit_code == 0, result.output
    return records(output), result


@pytest.mark.usefixtures("loaded")
def test_each_row_is_one_object_in_the_order_of_the_input(tmp_path):
    texts = [CALM, FURIOUS, PLEASED, *(f"Where is parcel {n}?" for n in range(2 * CHUNK))]
    found, result = assess_texts(tmp_path, *texts)
    assert (result.stdout, result.stderr) == ("", "")
    assert [record["text"] for record in found] == texts
    assert [record["id"] for record in found] == [str(n) for n in range(1, len(texts) + 1)]
    assert all(list(record) == FIELDS for record in found)


@pytest.mark.usefixtures("loaded")
def test_ids_are_kept_as_they_are(tmp_path):
    source, output = write(tmp_path / "in.csv", ["abc", "xyz"]), tmp_path / "out.jsonl"
    assert run("--input", source, "--output", output, "--id-column", "key").exit_code == 0
    assert [record["id"] for record in records(output)] == ["ka", "kx"]


@pytest.mark.usefixtures("loaded")
def test_any_id_can_be_written(tmp_path):
    """A half character passes JSON's reader, but no file takes it."""
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": "cut \\ud83d", "text": "my parcel \\ud83d is late"}\n')
    result = run("--input", source, "--output", output, "--id-column", "id")
    assert result.exception is None
    (record,) = records(output)
    assert record["id"].startswith("cut ")
    assert record["text"] == "my parcel is late"


@pytest.mark.usefixtures("loaded")
def test_scores_are_in_their_ranges(tmp_path):
    for record in assess_texts(tmp_path, CALM, FURIOUS, PLEASED, "😡😡", "x")[0]:
        probabilities = record["polarity_probs"]
        assert list(probabilities) == ["negative", "neutral", "positive"]
        assert sum(probabilities.values()) == pytest.approx(1, abs=1e-3)
        assert record["polarity"] == max(probabilities, key=probabilities.get)
        assert min(*probabilities.values(), record["complaint"]) >= 0
        assert max(*probabilities.values(), record["complaint"]) <= 1
        assert -1 <= record["valence"] <= 1
        assert record["intensity"] in {"weak", "medium", "strong", "extreme"}
        nearness = [other["similarity"] for other in record["runners_up"]]
        assert nearness == sorted(nearness, reverse=True)
        assert all(-1 <= value <= 1 for value in [record["similarity"], *nearness])
        assert record["model"].startswith("default-")


@pytest.mark.usefixtures("loaded")
def test_the_angry_one_goes_to_a_person_and_the_others_do_not(tmp_path):
    angry, calm, pleased = assess_texts(tmp_path, FURIOUS, CALM, PLEASED)[0]
    assert [record["escalate"] for record in (angry, calm, pleased)] == [True, False, False]
    assert [r["polarity"] for r in (angry, calm, pleased)] == ["negative", "neutral", "positive"]
    assert angry["reason"].startswith("strong_negative: severity ")
    assert calm["reason"].startswith("no_complaint: neutral")


@pytest.mark.usefixtures("loaded")
def test_personal_data_is_masked(tmp_path):
    text = "I am ana.b@example.org, my card 4111 1111 1111 1111 was charged, call +1 415 555 2671"
    ((record,), result) = assess_texts(tmp_path, text)
    assert record["text"] == "I am [email], my card [card] was charged, call [phone]"
    shown = run("--text", text).stdout
    assert json.loads(shown)["text"] == record["text"]
    assert "4111" not in shown + result.output + (tmp_path / "out.jsonl").read_text()


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("text", "kept", "reason", "escalate"),
    [
        ("", "", "no_text", False),
        (" \t\n ", "", "no_text", False),
        ("?! 42", "?! 42", "no_text", False),
        ("мой заказ не пришёл", "мой заказ не пришёл", "other_script", True),
        ("私の荷物はどこですか", "私の荷物はどこですか", "other_script", True),
    ],
    ids=["empty", "blank", "no words", "Russian", "Japanese"],
)
def test_what_the_classifier_cannot_read_is_not_scored_and_told(
    text, kept, reason, escalate, tmp_path
):
    (first, record), result = assess_texts(tmp_path, CALM, text)
    assert first["polarity"] == "neutral"
    assert (record["text"], record["escalate"]) == (kept, escalate)
    assert record["reason"].startswith(f"{reason}: ")
    assert {record[name] for name in [*SCORES, *NEARNESS, "model"]} == {None}
    assert record["category"] == "other"
    assert result.stderr == f"{tmp_path}/in.csv, row 2: not scored, {record['reason']}\n"


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("😡😡😡", "😡😡😡"),
        ("my\x00 parcel\x1b[31m is\x07 \u202elate", "my parcel [31m is late"),
        ("so late " * 12_500, ("so late " * 500).strip()),
        ("x" * 100_000, "x" * 4000),
        ("b\u00e4d, 'quoted', \"doubled\", \\n", "b\u00e4d, 'quoted', \"doubled\", \\n"),
    ],
    ids=["emoji", "control characters", "100 kB of words", "100 kB of one letter", "quotes"],
)
def test_any_other_text_is_scored(text, kept, tmp_path):
    ((record,), result) = assess_texts(tmp_path, text)
    assert record["text"] == kept
    assert record["polarity"] is not None
    assert result.stderr == ""


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("before", [1, CHUNK, CHUNK + 3])
def test_rows_before_a_broken_one_stay_written(before, tmp_path):
    source = write(tmp_path / "in.csv", [f"Where is parcel {n}?" for n in range(before)])
    with source.open("a") as file:
        file.write('k,"never closed\nk,more\n')
    message = refused(run("--input", source, "--output", tmp_path / "out.jsonl"))
    assert f"amends: {source}, row {before + 1}: expected a CSV row, found: " in message
    assert len(records(tmp_path / "out.jsonl")) == before


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("option", ["--text-column", "--id-column"])
def test_missing_column_is_told_and_an_earlier_output_stays(option, tmp_path):
    source, output = write(tmp_path / "in.csv", [CALM]), tmp_path / "out.jsonl"
    output.write_text("an hour's work\n")
    message = refused(run("--input", source, "--output", output, option, "words"))
    assert f"{source}: expected the column 'words', found 'key', 'text'." in message
    assert output.read_text() == "an hour's work\n"


@pytest.mark.usefixtures("_no_model")
def test_missing_input_is_told_at_once(tmp_path):
    message = refused(run("--input", tmp_path / "in.csv", "--output", tmp_path / "out.jsonl"))
    assert message == f"amends: {tmp_path}/in.csv: expected a file, found none. Correct --input.\n"
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.usefixtures("_no_model")
@pytest.mark.parametrize("kind", ["same", "roundabout", "symlink", "hardlink"])
def test_output_that_is_the_input_is_refused_and_nothing_is_lost(kind, tmp_path):
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps({"text": CALM}))
    if kind == "symlink":
        output.symlink_to(source)
    elif kind == "hardlink":
        output.hardlink_to(source)
    else:
        output = source if kind == "same" else tmp_path / "x" / ".." / "in.jsonl"
    message = refused(run("--input", source, "--output", output))
    assert f"--output: expected another file than the input, found {output}. " in message
    assert json.loads(source.read_text()) == {"text": CALM}


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("output", ["missing/out.jsonl", "", "in.csv/out.jsonl"])
def test_output_that_cannot_be_written_is_told(output, tmp_path):
    source, output = write(tmp_path / "in.csv", [CALM]), tmp_path / output
    message = refused(run("--input", source, "--output", output))
    assert f"--output {output}: expected a file that can be written, found: " in message


@pytest.mark.usefixtures("_no_model")
def test_output_that_cannot_be_written_is_told_before_the_model_is_loaded(tmp_path):
    source, output = write(tmp_path / "in.csv", [CALM]), tmp_path / "missing" / "out.jsonl"
    assert f"--output {output}: " in refused(run("--input", source, "--output", output))


@pytest.mark.usefixtures("loaded")
def test_full_disk_is_told(tmp_path):
    source = write(tmp_path / "in.csv", [CALM])
    assert "--output /dev/full: " in refused(run("--input", source, "--output", "/dev/full"))


@pytest.mark.usefixtures("_no_model")
@pytest.mark.parametrize("names", ["", "it", "ot", "i", "o", "iot"])
def test_options_that_do_not_go_together_are_a_usage_error(names, tmp_path):
    options = {"i": ["--input", tmp_path], "o": ["--output", tmp_path], "t": ["--text", "hi"]}
    result = run(*(word for name in names for word in options[name]))
    assert result.exit_code == 2
    assert "expected either --text, or both --input and" in result.stderr


@pytest.mark.usefixtures("_no_model")
@pytest.mark.parametrize("text", ["", "   ", "\t\n"])
def test_blank_text_is_an_error(text):
    message = refused(run("--text", text))
    assert "--text: expected a message, found no words. " in message


@pytest.mark.usefixtures("loaded")
def test_one_text_is_printed_as_one_object():
    result = run("--text", FURIOUS)
    assert (result.exit_code, result.stderr) == (0, "")
    record = json.loads(result.stdout)
    assert list(record) == FIELDS
    assert record["escalate"]


PROGRAM = [sys.executable, "-c", "from amends.cli import app; app()", "assess"]


def test_in_a_pipe_nothing_is_said(tmp_path):
    source, output = write(tmp_path / "in.csv", [CALM, FURIOUS]), tmp_path / "out.jsonl"
    command = [*PROGRAM, "--input", source, "--output", output]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [record["escalate"] for record in records(output)] == [False, True]


def test_on_a_terminal_progress_is_shown(tmp_path):
    source, output = write(tmp_path / "in.csv", [CALM] * CHUNK * 2), tmp_path / "out.jsonl"
    terminal, screen = pty.openpty()
    command = [*PROGRAM, "--input", source, "--output", output]
    with subprocess.Popen(command, stderr=screen, env={**os.environ, "TERM": "xterm"}) as child:
        os.close(screen)
        shown = b"".join(iter(lambda: _read(terminal), b"")).decode()
    os.close(terminal)
    assert child.returncode == 0
    assert "Assessing" in shown
    assert len(records(output)) == CHUNK * 2


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # the end of a terminal on Linux
        return b""
