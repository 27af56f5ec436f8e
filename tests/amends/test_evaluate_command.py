"""`amends evaluate`: what it refuses before minutes of work, and what it writes."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from amends.cli import app
from amends.settings import SHIPPED_ADAPTER
from finetune import evaluate as evaluate_module
from finetune.measures import Figure
from finetune.report import build as build_module
from finetune.report import measured as measured_module
from finetune.report import subject as subject_module
from finetune.report.model import Report

FIGURES = {
    "escalate recall": Figure(0.8125, 0.75, 0.875, 96),
    "shop polarity accuracy": Figure(0.5, 0.25, 1.0, 8),
}
REPORT = Report(
    adapter="default-1",
    base_model="base",
    made="2026-01-02T03:04:05Z",
    machine="2 cores",
    precision="int8",
    figures=FIGURES,
    systems={"fp32": FIGURES, "int8": FIGURES},
    classes=(),
    reliability=(),
    escalation=None,
    slices=(),
    behaviour=(),
    groups=(),
)


def run(*arguments):
    return CliRunner(env={"COLUMNS": "100"}).invoke(app, ["evaluate", *map(str, arguments)])


def refused(*arguments):
    """The one line of an error, after checks that it is all there is."""
    result = run(*arguments)
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("amends: ")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("amends: ").rstrip()


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    """Which adapters were measured, without the minutes that it takes."""
    asked = []

    def build(adapter, held_out, settings):
        asked.append(("report", adapter, held_out))
        return REPORT

    monkeypatch.setattr(measured_module.HeldOut, "read", lambda config, data: (config, data))
    monkeypatch.setattr(build_module, "build", build)
    monkeypatch.setattr(subject_module.Subject, "load", lambda adapter, settings: adapter)
    monkeypatch.setattr(measured_module, "Measured", lambda *parts: ("quick", *parts))
    monkeypatch.setattr(evaluate_module, "evaluate", lambda one: asked.append(one) or FIGURES)
    return asked


def test_the_report_is_written_and_its_figures_printed(measured, tmp_path):
    result = run("--data", tmp_path, "--output", tmp_path / "new" / "report")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.split() for line in result.stdout.replace("│", " ").splitlines()]
    assert ["escalate", "recall", "0.812", "0.750", "–", "0.875", "96"] in lines
    text = (tmp_path / "new" / "report" / "report.json").read_text("utf-8")
    assert Report.model_validate_json(text) == REPORT
    assert (tmp_path / "new" / "report" / "report.html").read_text("utf-8").startswith("<!DOCTYPE")
    ((kind, adapter, _),) = measured
    assert (kind, adapter) == ("report", SHIPPED_ADAPTER)


def test_without_a_folder_it_goes_to_the_state_folder_by_name_and_version(tmp_path):
    result = run("--data", tmp_path)
    assert result.exit_code == 0
    (folder,) = (tmp_path / "state" / "reports").iterdir()
    version = json.loads((SHIPPED_ADAPTER / "manifest.json").read_text())["version"]
    assert folder.name == f"default-{version}"
    assert {file.name for file in folder.iterdir()} == {"report.html", "report.json"}


def test_quick_writes_no_report(measured, tmp_path):
    result = run("--data", tmp_path, "--quick")
    assert "escalate recall" in result.stdout
    assert measured[0][:2] == ("quick", SHIPPED_ADAPTER)
    assert not (tmp_path / "state" / "reports").exists()


@pytest.mark.parametrize("quick", [(), ("--quick",)])
def test_another_adapter_and_figures_as_json(quick, measured, tmp_path):
    mine = shutil.copytree(SHIPPED_ADAPTER, tmp_path / "mine")
    file = tmp_path / "figures.json"
    result = run(mine, "--data", tmp_path, "--json", file, *quick)
    assert result.exit_code == 0, result.output
    assert json.loads(file.read_text()) == {
        "escalate recall": {"value": 0.8125, "low": 0.75, "high": 0.875, "rows": 96},
        "shop polarity accuracy": {"value": 0.5, "low": 0.25, "high": 1.0, "rows": 8},
    }
    assert measured[0][1] == mine


def test_the_configuration_says_which_rows(measured, tmp_path):
    config = tmp_path / "mine.toml"
    config.write_text(
        'stages = [{ sources = { mine = 1 }, epochs = 1 }]\nheads.mood = { kind = "regression" }\n'
        'sources = [{ name = "mine", path = "mine.csv", labels = { mood = {} } }]\n'
    )
    assert run("--data", tmp_path, "--config", config, "--quick").exit_code == 0
    read, data = measured[0][2]
    assert [source.name for source in read.sources] == ["mine"]
    assert data.folder == tmp_path


@pytest.mark.parametrize("file", ["missing/figures.json", "."])
def test_figures_that_cannot_be_written_are_refused_first(file, measured, tmp_path):
    message = refused("--data", tmp_path, "--json", tmp_path / file)
    assert message.startswith(f"--json {tmp_path / file}: expected a file that can be written")
    assert measured == []


def test_a_report_that_cannot_be_written_is_refused_first(measured, tmp_path):
    (tmp_path / "taken").touch()
    message = refused("--data", tmp_path, "--output", tmp_path / "taken")
    assert message == (
        f"--output {tmp_path}/taken: expected a folder that can be made, found: File exists. "
        "Choose another one."
    )
    (tmp_path / "folder" / "report.html").mkdir(parents=True)
    message = refused("--data", tmp_path, "--output", tmp_path / "folder")
    assert "report.html: expected a file that can be written, found: Is a directory." in message
    assert measured == []


def test_quick_and_a_folder_contradict_each_other(tmp_path):
    assert refused("--data", tmp_path, "--quick", "--output", tmp_path / "new") == (
        "--output: expected without --quick, which writes no report, found both. "
        "Leave one of them out."
    )


def test_no_adapter_and_a_broken_one_are_told_in_one_line(tmp_path):
    message = refused(tmp_path / "none", "--data", tmp_path)
    assert f"adapter {tmp_path}/none: expected manifest.json, found none" in message
    adapter = shutil.copytree(SHIPPED_ADAPTER, tmp_path / "mine")
    (adapter / "manifest.json").write_text('{"name": "mine"}')
    message = refused(adapter, "--data", tmp_path)
    assert f"adapter {adapter}: expected a valid manifest.json, found: " in message


def test_data_that_is_nowhere_is_told(tmp_path):
    message = refused("--data", tmp_path / "none", "--quick")
    assert f"found {tmp_path}/none nowhere. Correct --data." in message


def test_data_must_be_given():
    result = run()
    assert result.exit_code == 2
    assert "Missing option '--data'" in result.stderr
