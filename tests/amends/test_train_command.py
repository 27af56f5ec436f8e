"""`amends train`: what it refuses."""

import csv

import pytest
from typer.testing import CliRunner

from amends.cli import app
from finetune import pipeline
from finetune.config import DEFAULT_CONFIG


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

    def build(*_, **__):
        pytest.fail("a model was built to be trained")

    monkeypatch.setattr("finetune.fit.new_model", build)


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
    rows = [(n % 2, text) for n, text in enumerate(texts)]
    write(folder / "subjectivity.csv", "subjective,text", *rows)
    rows = [(n, text, 1, "retail") for n, text in enumerate(texts)]
    write(folder / "complaint_tweets.csv", "id,text,complaint,domain", *rows)
    rows = [(n, text, "delivery", "negative", "strong", "yes") for n, text in enumerate(texts)]
    columns = "id,text,category,polarity,intensity,escalate"
    write(folder / "complaint_labels.csv", columns, *rows)
    return folder


@pytest.mark.parametrize(
    ("option", "value", "key", "expected"),
    [
        ("--set", "learning_rate=0", "learning_rate", "greater than 0; found 0"),
        ("--set", "learning_rate=nan", "learning_rate", "found 'nan'"),
        ("--set", "batch_size=many", "batch_size", "found 'many'"),
        ("--set", "adapter.rank=0", "adapter.rank", "greater than or equal to 1; found 0"),
        ("--set", "adapter.method=magic", "adapter.method", "found 'magic'"),
        ("--set", "speed=9", "speed", "Extra inputs are not permitted"),
        ("--seed", "-1", "seed", "greater than or equal to 0; found -1"),
        ("--seed", str(2**32), "seed", "less than 4294967296"),
        ("--max-samples", "0", "max_samples", "greater than or equal to 1; found 0"),
    ],
)
def test_bad_value_is_named_before_anything_is_done(
    option, value, key, expected, tmp_path, monkeypatch
):
    def start(*_, **__):
        raise AssertionError("the work was begun")

    monkeypatch.setattr(pipeline, "make_adapter", start)
    result = run("train", "--data", tmp_path, "--output", tmp_path / "new", option, value)
    message = refused(result)
    assert message.startswith(f"amends: {DEFAULT_CONFIG}: {key}: ")
    assert expected in message


def test_a_change_without_a_value_is_refused(tmp_path):
    given = ["--data", tmp_path, "--output", tmp_path / "new", "--set", "batch_size"]
    assert "--set: expected KEY=VALUE, found 'batch_size'" in refused(run("train", *given))


@pytest.mark.parametrize("content", [b"heads = [", b"\xff\xfe", None])
def test_a_configuration_that_cannot_be_read_is_named(content, tmp_path):
    config = tmp_path / "mine.toml"
    if content is not None:
        config.write_bytes(content)
    given = ["--data", tmp_path, "--output", tmp_path / "new", "--config", config]
    message = refused(run("train", *given))
    assert message.startswith(f"amends: --config {config}: expected a TOML file in UTF-8, found: ")
    assert f"Start from a copy of {DEFAULT_CONFIG}." in message


@pytest.mark.parametrize("missing", [["--output"], ["--data"], ["--output", "--data"]])
def test_option_that_is_left_out_is_a_usage_error(missing, tmp_path):
    given = [name for name in ("--output", "--data") if name not in missing]
    result = run("train", *(word for name in given for word in (name, tmp_path)))
    assert result.exit_code == 2
    assert f"Missing option '{missing[0]}'" in result.stderr


def test_data_that_is_nowhere_is_told(tmp_path):
    lost = tmp_path / "missing"
    message = refused(run("train", "--data", lost, "--output", tmp_path / "new"))
    assert "--data: expected files of labels and at most one folder, found " in message
    assert f"{lost} nowhere" in message
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("_no_training")
@pytest.mark.parametrize(
    "file",
    [
        "valence_amazon.csv",
        "valence_tweets.csv",
        "valence_movies.csv",
        "subjectivity.csv",
        "complaint_tweets.csv",
        "complaint_labels.csv",
    ],
)
def test_each_label_file_is_needed(file, data, tmp_path):
    (data / file).unlink()
    message = refused(run("train", "--data", data, "--output", tmp_path / "new"))
    assert f"{data / file}: expected a file, found none." in message
    assert "--data" in message


@pytest.mark.usefixtures("_no_training")
def test_labels_without_a_column_are_refused_before_training(data, tmp_path):
    """Thresholds need it; were it missed only after training, the minutes would be lost."""
    write(data / "complaint_labels.csv", "id,text,category,polarity,intensity", [1] * 5)
    message = refused(run("train", "--data", data, "--output", tmp_path / "new"))
    assert f"{data}/complaint_labels.csv: expected the column 'escalate'" in message


@pytest.mark.usefixtures("_no_training")
def test_one_class_only_is_refused_before_training(tmp_path):
    file = tmp_path / "labels.csv"
    write(file, "text,polarity", *[(f"the tent broke {n}", "negative") for n in range(40)])
    config = tmp_path / "mine.toml"
    config.write_text(
        '[heads.polarity]\nkind = "classes"\nlabels = ["negative", "positive"]\n'
        '[[sources]]\nname = "labels"\npath = "labels.csv"\n[sources.labels]\npolarity = {}\n'
        "[[stages]]\nepochs = 1\nsources = { labels = 1 }\n"
    )
    given = ["--data", file, "--config", config, "--output", tmp_path / "new"]
    message = refused(run("train", *given))
    assert (
        "head polarity: expected labels of two or more kinds for training, found only negative"
        in message
    )


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
