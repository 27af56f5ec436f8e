"""Building what is stale, with small programs in place of the exporter and of Rasa."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from amends.serve import surroundings
from amends.serve.errors import ServeError, StopRequestedError
from amends.serve.products import (
    Product,
    desk_scripts,
    encoder,
    make_if_stale,
    rasa_model,
    widget,
)
from amends.serve.stopping import Stopper
from amends.serve.surroundings import rasa_command
from amends.settings import ROOT, Settings

BUILD = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.open('a').write('built ')"


@pytest.fixture
def product(tmp_path: Path) -> Product:
    source = tmp_path / "config.yml"
    source.write_text("one")
    path = tmp_path / "models" / "amends.tar.gz"
    command = [sys.executable, "-c", BUILD, str(path)]
    return Product("the model", path, {"config.yml": source}, command)


def make(product: Product) -> None:
    with Stopper() as stopper:
        make_if_stale(product, product.path.parent / "logs", os.environ, stopper)


def builds(product: Product) -> int:
    return product.path.read_text().count("built")


def test_built_once_while_nothing_changes_and_again_when_a_byte_does(
    product: Product, capsys
) -> None:
    make(product)
    assert "Made the model" in capsys.readouterr().out
    source = product.inputs["config.yml"]
    os.utime(source, (1, 1))
    make(product)
    assert builds(product) == 1
    assert capsys.readouterr().out == "", "what is fresh is not mentioned"
    source.write_text("two")
    make(product)
    assert builds(product) == 2


def test_another_setting_builds_again(product: Product) -> None:
    make(product)
    make(replace(product, setting="another encoder"))
    assert builds(product) == 2


def test_a_lost_product_is_built_again(product: Product) -> None:
    make(product)
    product.path.unlink()
    make(product)
    assert builds(product) == 1


def test_a_failure_is_told_with_its_log_and_nothing_looks_fresh(product: Product) -> None:
    make(product)
    product.inputs["config.yml"].write_text("two")
    failing = "print('line 3: no such slot'); raise SystemExit(4)"
    with pytest.raises(ServeError) as caught:
        make(replace(product, command=[sys.executable, "-c", failing]))
    assert "could not make the model (code 4)" in str(caught.value)
    assert str(caught.value).endswith("line 3: no such slot")
    product.inputs["config.yml"].write_text("one")
    make(product)
    assert builds(product) == 2, "the half-built product was taken for the one before"


def test_a_builder_that_builds_nothing_is_found_out(product: Product) -> None:
    with pytest.raises(ServeError, match=r"expected the model at .*, found nothing"):
        make(replace(product, command=[sys.executable, "-c", ""]))


def test_ctrl_c_while_building_stops_the_builder(product: Product, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    program = (
        f"import os, pathlib, signal, time; pathlib.Path({str(pid_file)!r}).write_text("
        "str(os.getpid())); os.kill(os.getppid(), signal.SIGINT); time.sleep(60)"
    )
    with pytest.raises(StopRequestedError):
        make(replace(product, command=[sys.executable, "-c", program]))
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_the_encoder_is_exported_again_for_another_base(tmp_path: Path) -> None:
    folder = tmp_path / "my-encoder"
    folder.mkdir()
    known = encoder(Settings(state_dir=tmp_path))
    own = encoder(Settings(state_dir=tmp_path, encoder=str(folder)))
    assert known.path == own.path == tmp_path / "encoder"
    assert known.setting != own.setting
    assert own.inputs["encoder"] == folder
    assert "encoder" not in known.inputs


def test_the_model_is_the_very_file_that_rasa_is_told_to_load(tmp_path: Path) -> None:
    product = rasa_model(Settings(state_dir=tmp_path))
    assert product.path == tmp_path / "models" / "amends.tar.gz"
    assert product.command[-5:-1] == [
        "--out", str(tmp_path / "models"), "--fixed-model-name", "amends",
    ]  # fmt: skip
    assert {"config.yml", "domain.yml", "assistant/data", "uv.lock"} < set(product.inputs)
    assert product.inputs["config.yml"] == ROOT / "config.yml"


def test_another_channel_or_widget_trains_nothing_anew(tmp_path: Path) -> None:
    inputs = rasa_model(Settings(state_dir=tmp_path)).inputs
    assert not any(
        ROOT / "assistant" / "widget" in (path, *path.parents) for path in inputs.values()
    )
    assert ROOT / "assistant" not in inputs.values()


def test_the_widget_is_built_into_the_folder_that_rasa_serves_it_from(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    product = widget(settings)
    assert product.command[-1] == surroundings.environment(settings)["AMENDS_WIDGET_DIR"]
    assert product.path == tmp_path / "widget" / "widget.js"
    assert all(path.exists() for path in product.inputs.values())
    assert not any(path.name == "node_modules" for path in product.inputs.values())


def test_the_desks_scripts_are_built_into_the_folder_that_it_serves_them_from(
    tmp_path: Path,
) -> None:
    settings = Settings(state_dir=tmp_path)
    product = desk_scripts(settings)
    assert product.path == surroundings.desk_dir(settings) == tmp_path / "desk"
    assert all(path.is_file() for path in product.inputs.values())


def test_without_rasas_environment_the_way_to_get_it_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(surroundings, "RASA_PYTHON", tmp_path / ".venv-rasa" / "bin" / "python")
    with pytest.raises(ServeError, match=r"expected Rasa's environment at .*`make run` sets it up"):
        rasa_command("run")


def test_rasa_is_trained_on_the_languages_of_the_settings_alone() -> None:
    english, both = Settings(), Settings(languages=("en", "zh"))

    assert "assistant/data/nlu/zh" not in rasa_model(english).command
    data = rasa_model(both).command
    folders = data[data.index("--data") + 1 :][:2]
    assert folders == ["assistant/data/nlu/en", "assistant/data/nlu/zh"]
    assert rasa_model(english).setting != rasa_model(both).setting


def test_a_language_without_examples_is_refused_by_name() -> None:
    with pytest.raises(ServeError) as refused:
        rasa_model(Settings(languages=("en", "xx")))

    assert "expected intent examples in assistant/data/nlu/xx" in str(refused.value)
    assert "AMENDS_LANGUAGES says en,xx" in str(refused.value)
