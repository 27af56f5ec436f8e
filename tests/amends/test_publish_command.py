"""`amends publish`, `amends rollback`, `amends adapters`: what they refuse, say and change."""

import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from amends.cli import app
from amends.settings import SHIPPED_ADAPTER, get_settings, load_settings
from finetune import pipeline
from finetune.config import DEFAULT_CONFIG
from finetune.measures import Figure
from nlu.adapter_in_use import adapter_in_use, read_history
from nlu.manifest import read_manifest, write_manifest

IN_USE = {"polarity accuracy": Figure(0.8, 0.79, 0.81, 900), "negation": Figure(0.7, 0.5, 0.9, 20)}
BETTER = {"polarity accuracy": Figure(0.9, 0.89, 0.91, 900), "negation": Figure(0.65, 0.5, 0.8, 20)}
WORSE = {**BETTER, "polarity accuracy": Figure(0.75, 0.74, 0.76, 900)}
FOLLOW = "Running action servers take it with their next messages."


def run(*arguments):
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, [*map(str, arguments)])


def done(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result


def refused(*arguments):
    """The one line of an error."""
    result = run(*arguments)
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("amends: ")
    return result.stderr.removeprefix("amends: ")


def cells(result):
    """The rows of a table or of lines with tabs."""
    return [line.replace("│", " ").split() for line in result.stdout.splitlines()]


@pytest.fixture(autouse=True)
def published(tmp_path, monkeypatch):
    """A folder of its own for what the test publishes."""
    monkeypatch.setenv("AMENDS_ADAPTERS_DIR", str(tmp_path / "published"))
    return tmp_path / "published"


@pytest.fixture
def adapter(tmp_path):
    """A copy of the shipped adapter under another version."""
    return make_adapter(tmp_path, "1")


def make_adapter(tmp_path, version, name="mine"):
    folder = shutil.copytree(SHIPPED_ADAPTER, tmp_path / f"{name} {version}")
    changes = {"name": name, "version": version}
    write_manifest(read_manifest(folder).model_copy(update=changes), folder)
    return folder


@pytest.fixture
def figures(monkeypatch):
    """What each adapter reaches, by folder, in place of minutes of measuring."""
    reached = {SHIPPED_ADAPTER: IN_USE}
    monkeypatch.setattr(pipeline, "measure", lambda adapter, *_: reached[adapter])
    return reached


def in_use():
    get_settings.cache_clear()
    return adapter_in_use(load_settings())


def test_a_better_adapter_is_published_with_its_table(adapter, figures, published, tmp_path):
    figures[adapter] = BETTER
    result = done("publish", adapter, "--data", tmp_path)
    assert ["polarity", "accuracy", "0.800", "0.900", "+0.100", "0.020", "900", "ok"] in cells(
        result
    )
    assert ["negation", "0.700", "0.650", "-0.050", "0.200", "20", "ok"] in cells(result)
    assert result.stdout.endswith(f"mine-1 is in use. {FOLLOW}\n")
    assert result.stderr == ""
    assert in_use() == published / "versions" / "mine-1"
    (change,) = read_history(published)
    assert change.figures["negation"] == {"value": 0.65, "low": 0.5, "high": 0.8, "rows": 20}


def test_a_worse_adapter_is_refused_with_the_table_that_says_why(adapter, figures, tmp_path):
    figures[adapter] = WORSE
    result = run("publish", adapter, "--data", tmp_path)
    assert result.exit_code == 1
    why = ["polarity", "accuracy", "0.800", "0.750", "-0.050", "0.020", "900", "too", "low"]
    table = [row for row in cells(result) if why[0] in row or "negation" in row]
    assert table == [why, ["negation", "0.700", "0.650", "-0.050", "0.200", "20", "ok"]]
    assert result.stderr == (
        "amends: mine-1: expected no measure to fall more than its tolerance under shipped, the "
        "adapter in use; found 1 that does: polarity accuracy. shipped stays in use. Train again, "
        "or give other --tolerances if you can bear the fall.\n"
    )
    assert in_use() == SHIPPED_ADAPTER


def test_tolerances_decide(adapter, figures, tmp_path):
    figures[adapter] = WORSE
    file = tmp_path / "tolerances.toml"
    file.write_text('[measures]\n"polarity accuracy" = 0.06\n')
    done("publish", adapter, "--data", tmp_path, "--tolerances", file)
    file.write_text("default = 2\n")
    message = refused("publish", adapter, "--data", tmp_path, "--tolerances", file)
    assert message.startswith(f"--tolerances {file}: default: Input should be less than or equal")


def test_the_rows_are_those_of_the_configuration_and_of_files_of_ones_own(
    adapter, monkeypatch, tmp_path
):
    labels = tmp_path / "labels.csv"
    labels.write_text("text,polarity\nfine,positive\n", "utf-8")
    config = tmp_path / "mine.toml"
    config.write_text(DEFAULT_CONFIG.read_text("utf-8").replace("seed = 1", "seed = 7"), "utf-8")
    seen = []

    def measure(one, where, chosen, _):
        seen.append((where.files, chosen.seed))
        return IN_USE if one == SHIPPED_ADAPTER else BETTER

    monkeypatch.setattr(pipeline, "measure", measure)
    done("publish", adapter, "--data", tmp_path, "--data", labels, "--config", config)
    assert seen == [((labels,), 7)] * 2


def test_the_next_one_is_compared_with_the_one_in_use(adapter, figures, published, tmp_path):
    figures[adapter] = figures[published / "versions" / "mine-1"] = BETTER
    done("publish", adapter, "--data", tmp_path)
    other = make_adapter(tmp_path, "2")
    figures[other] = IN_USE
    assert "polarity accuracy" in refused("publish", other, "--data", tmp_path)
    assert in_use() == published / "versions" / "mine-1"


def test_the_one_in_use_is_not_published_again(adapter, figures, tmp_path):
    figures[adapter] = BETTER
    done("publish", adapter, "--data", tmp_path)
    message = refused("publish", adapter, "--data", tmp_path)
    assert message == (
        f"adapter {adapter}: expected one that is not in use, found mine-1, which is. "
        "Nothing is left to do.\n"
    )


def spoil(folder, name, change):
    tensors = load_file(folder / name)
    change(tensors)
    save_file(tensors, folder / name)


def other_base(folder):
    changes = {"base_sha256": "0" * 64}
    write_manifest(read_manifest(folder).model_copy(update=changes), folder)


def no_served_head(folder):
    manifest = read_manifest(folder)
    heads = {name: spec for name, spec in manifest.heads.items() if name != "valence"}
    write_manifest(manifest.model_copy(update={"heads": heads}), folder)
    spoil(folder, "heads.safetensors", lambda t: (t.pop("valence.weight"), t.pop("valence.bias")))


def not_finite(folder):
    spoil(folder, "heads.safetensors", lambda t: t["valence.bias"].fill_(float("nan")))


def cut(folder):
    path = folder / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (other_base, "expected the base sentence-transformers/all-MiniLM-L6-v2 with sha256 000"),
        (no_served_head, "expected a head valence with kind regression, found none"),
        (not_finite, "expected finite weights, found NaN or infinity in valence.bias"),
        (cut, "expected weights as safetensors, found"),
        (lambda folder: (folder / "manifest.json").unlink(), "expected manifest.json, found none"),
        (shutil.rmtree, "expected manifest.json, found none"),
    ],
    ids=["other base", "no served head", "not finite", "cut", "no manifest", "no folder"],
)
def test_an_adapter_that_cannot_be_loaded_is_never_published(
    break_it, told, adapter, published, tmp_path
):
    """With the real measure, which loads before it reads data."""
    break_it(adapter)
    assert told in refused("publish", adapter, "--data", tmp_path)
    assert in_use() == SHIPPED_ADAPTER
    assert not published.exists()


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "a\nb", ""])
def test_a_name_that_cannot_name_a_folder_is_refused(name, adapter, figures, tmp_path):
    write_manifest(read_manifest(adapter).model_copy(update={"name": name}), adapter)
    message = refused("publish", adapter, "--data", tmp_path)
    assert message == (
        f"adapter {adapter}: expected a name of letters, digits, spaces and . + - _, found "
        f"{name!r}. Train it again with another --output.\n"
    )


def test_rollback_goes_back_step_by_step(adapter, figures, published, tmp_path):
    second = make_adapter(tmp_path, "2")
    figures |= dict.fromkeys((adapter, second, published / "versions" / "mine-1"), BETTER)
    done("publish", adapter, "--data", tmp_path)
    done("publish", second, "--data", tmp_path)
    assert done("rollback").stdout == f"mine-1 is in use. {FOLLOW}\n"
    assert done("rollback", "--reason", "sarcasm").stdout == f"shipped is in use. {FOLLOW}\n"
    assert in_use() == SHIPPED_ADAPTER
    assert [change.reason for change in read_history(published)] == ["", "", "", "sarcasm"]
    assert "found none: the shipped adapter is in use" in refused("rollback")


def test_adapters_are_listed_with_the_one_in_use(adapter, figures, published, tmp_path):
    figures[adapter] = BETTER
    assert done("adapters", "list").stdout == f"shipped\tin use\t\t{SHIPPED_ADAPTER}\n"
    done("publish", adapter, "--data", tmp_path)
    shipped, mine = done("adapters", "list").stdout.splitlines()
    assert shipped == f"shipped\t\t\t{SHIPPED_ADAPTER}"
    (change,) = read_history(published)
    since = f"{change.when:%Y-%m-%d %H:%M:%S}"
    assert mine == f"mine-1\tin use\t{since}\t{published / 'versions' / 'mine-1'}"


def test_a_set_adapter_is_said_to_serve_instead(adapter, figures, published, tmp_path, monkeypatch):
    figures[adapter] = BETTER
    monkeypatch.setenv("AMENDS_ADAPTER", str(adapter))
    instead = (
        f"AMENDS_ADAPTER is set, so {adapter} serves instead, until it is unset and the servers "
        "are started again.\n"
    )
    # It is compared with the published one: with itself it would always be let through.
    assert done("publish", adapter, "--data", tmp_path).stderr == instead
    assert done("adapters", "list").stderr == instead
    assert in_use() == adapter
    assert done("rollback").stderr == instead
    monkeypatch.delenv("AMENDS_ADAPTER")
    assert in_use() == SHIPPED_ADAPTER


def test_a_damaged_history_stops_every_command(published, figures, adapter, tmp_path):
    published.mkdir()
    (published / "history.jsonl").write_text("nonsense\n")
    for command in (["publish", adapter, "--data", tmp_path], ["rollback"], ["adapters", "list"]):
        assert "expected the history of published adapters" in refused(*command)


def test_a_full_disk_is_told_and_changes_nothing(adapter, figures, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    figures[adapter] = BETTER
    monkeypatch.setattr(shutil, "copytree", full)
    message = refused("publish", adapter, "--data", tmp_path)
    assert "expected a folder that can be written, found: No space left on device. " in message
    assert in_use() == SHIPPED_ADAPTER


def test_help_of_rollback_waits_for_no_model_library(tmp_path):
    """Who goes back is in a hurry."""
    import subprocess
    import sys

    program = "import sys, amends.commands.publish; print('torch' in sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert shown.stdout == "False\n"
