"""`amends train`: what it refuses."""

import csv

import pytest
from typer.testing import CliRunner

from amends.cli import app
from finetune import pipeline
from finetune import train as train_module


def run(*arguments):
    return CliRunner(env={"COLUMNS": "100"}).invoke(app, [*map(str, arguments)])


def refused(result):
    """The one line of an error, after checks that it is all there is."""
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("amends: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.fixture
def _no_training(monkeypatch):
    """For what must be refused before minutes are spent."""

    def build(*_):
        pytest.fail("a model was built to be trained")

    monkeypatch.setattr(train_module, "_new_model", build)


def write(path, header, *rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])


@pytest.fixture
def data(tmp_path):
    """The label files with a few rows each, all of which can be read."""
    folder = tmp_path / "data"
    folder.mkdir()
    texts = [f"the {thing} broke" for thing in ("kettle", "lamp", "tent", "desk", "bike", "fan")]
    for name in ("amazon", "tweets", "movies"):
        rows = [(f"{n}_0", -2.5, 0.7, text) for n, text in enumerate(texts)]
        write(folder / f"valence_{name}.csv", "id,valence,stdev,text", *rows)
    rows = [(n, text, 1, "retail") for n, text in enumerate(texts)]
    write(folder / "complaint_tweets.csv", "id,text,complaint,domain", *rows)
    rows = [(n, text, "delivery", "negative", "strong", "yes") for n, text in enumerate(texts)]
    columns = "id,text,category,polarity,intensity,escalate"
    write(folder / "complaint_labels.csv", columns, *rows)
    return folder


@pytest.mark.parametrize(
    ("option", "value", "found", "expected"),
    [
        ("--epochs", "0", "0", "greater than or equal to 1"),
        ("--epochs", "101", "101", "less than or equal to 100"),
        ("--learning-rate", "0", "0.0", "greater than 0"),
        ("--learning-rate", "-1", "-1.0", "greater than 0"),
        ("--learning-rate", "1", "1.0", "less than or equal to 0.1"),
        ("--learning-rate", "nan", "nan", ""),
        ("--seed", "-1", "-1", "greater than or equal to 0"),
        ("--seed", str(2**32), str(2**32), "less than"),
        ("--max-samples", "0", "0", "greater than or equal to 1"),
    ],
)
def test_bad_option_is_named_before_anything_is_done(
    option, value, found, expected, tmp_path, monkeypatch
):
    def start(*_):
        raise AssertionError("the work was begun")

    monkeypatch.setattr(pipeline, "make_adapter", start)
    result = run("train", "--data", tmp_path, "--output", tmp_path / "new", option, value)
    message = refused(result)
    assert message.startswith(f"amends: {option}: Input should be {expected}")
    assert message.endswith(f"; found {found}. Choose another value.\n")


@pytest.mark.parametrize("missing", [["--data"], ["--output"], ["--data", "--output"]])
def test_option_that_is_left_out_is_a_usage_error(missing, tmp_path):
    given = [name for name in ("--data", "--output") if name not in missing]
    result = run("train", *(word for name in given for word in (name, tmp_path)))
    assert result.exit_code == 2
    assert f"Missing option '{missing[0]}'" in result.stderr


@pytest.mark.usefixtures("_no_training")
@pytest.mark.parametrize("name", ["missing", "valence_amazon.csv"])
def test_data_that_is_no_folder_of_label_files_is_told_with_the_file(name, tmp_path):
    if name != "missing":
        (tmp_path / name).write_text("id,valence,text\n")
    message = refused(run("train", "--data", tmp_path / name, "--output", tmp_path / "new"))
    first = tmp_path / name / "complaint_labels.csv"
    assert f"{first}: expected a UTF-8 CSV file with the " in message
    assert message.endswith("See finetune/README.md for the files that training reads.\n")
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("_no_training")
@pytest.mark.parametrize(
    "file", ["valence_tweets.csv", "valence_movies.csv", "complaint_tweets.csv"]
)
def test_each_label_file_is_needed(file, data, tmp_path):
    (data / file).unlink()
    message = refused(run("train", "--data", data, "--output", tmp_path / "new"))
    assert f"{data / file}: expected a UTF-8 CSV file" in message


def test_help_names_every_label_file(data):
    shown = " ".join(run("train", "--help").stdout.replace("│", " ").split())
    assert [path.name for path in data.iterdir() if path.name not in shown] == []


@pytest.mark.usefixtures("_no_training")
def test_labels_without_a_column_are_refused_before_training(data, tmp_path):
    """Thresholds need it; were it missed only after training, the minutes would be lost."""
    write(data / "complaint_labels.csv", "id,text,category,polarity,intensity", [1] * 5)
    message = refused(run("train", "--data", data, "--output", tmp_path / "new"))
    assert f"{data}/complaint_labels.csv: expected the columns" in message
    assert "Add or rename: escalate." in message


@pytest.mark.usefixtures("_no_training")
@pytest.mark.parametrize("kind", ["file", "folder", "shipped file in a folder"])
def test_output_that_holds_something_else_is_refused_first_and_stays(kind, data, tmp_path):
    output = tmp_path / "notes"
    kept = output if kind == "file" else output / "adapter_config.json"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("mine")
    message = refused(run("train", "--data", data, "--output", output))
    assert f"{output}: expected a new folder or one that holds an adapter, found " in message
    assert message.endswith("which would be lost. Choose another --output.\n")
    assert kept.read_text() == "mine"


@pytest.mark.usefixtures("_no_training")
def test_output_that_cannot_be_made_is_refused_before_training(data, tmp_path):
    (tmp_path / "file").touch()
    output = tmp_path / "file" / "adapter"
    assert f"{output}: expected" in refused(run("train", "--data", data, "--output", output))
