"""From label files to an adapter with thresholds, figures and a card, on a few messages."""

import shutil
from pathlib import Path

import pytest

from amends.settings import Settings
from finetune.complaint_labels import half
from finetune.config import load_config
from finetune.data import Data, read_samples
from finetune.pipeline import Job, finish, make_adapter, measure
from finetune.report.decisions import Figures
from finetune.samples import DataError
from nlu.assessor import Assessor
from nlu.manifest import read_manifest

Finished = tuple[Path, Figures]


@pytest.fixture(scope="module")
def finished(
    trained, data: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Finished:
    folder = shutil.copytree(trained.folder, tmp_path_factory.mktemp("finished") / "adapter")
    config = load_config()
    job = Job(Data(data), config, settings, folder)
    samples = read_samples(config, job.data)
    return folder, finish(job, trained.manifest, samples, half(data, "tune"))


def test_figures_have_their_spread_and_rows(finished: Finished) -> None:
    _, figures = finished
    assert {"escalate recall", "escalate precision", "escalate average precision"} <= set(figures)
    for figure in figures.values():
        assert figure.rows > 0
        # NaN where a measure has no value, such as precision where nothing escalates.
        assert figure.low <= figure.high or figure.value != figure.value


def test_the_manifest_holds_thresholds_and_figures(finished: Finished, settings: Settings) -> None:
    folder, figures = finished
    manifest = read_manifest(folder)
    assert 0 < manifest.thresholds.severity < 1
    assert manifest.thresholds.encoder == settings.encoder
    assert set(manifest.metrics) == set(figures)
    found = manifest.metrics["escalate recall"]["value"]
    assert found == pytest.approx(figures["escalate recall"].value, nan_ok=True)


def test_it_keeps_the_version_of_its_weights(finished: Finished, trained) -> None:
    assert read_manifest(finished[0]).version == trained.manifest.version


def test_it_serves_with_the_thresholds_that_were_chosen(
    finished: Finished, settings: Settings
) -> None:
    folder, _ = finished
    assessor = Assessor.load(settings.model_copy(update={"adapter": folder}))
    [found] = assessor.assess(["the kettle never arrived and nobody answers me"])
    assert found.severity_threshold == read_manifest(folder).thresholds.severity


def test_measured_again_the_figures_are_the_same(
    finished: Finished, data: Path, settings: Settings
) -> None:
    folder, figures = finished
    again = measure(folder, Data(data), load_config(), settings)
    assert {name: str(figure) for name, figure in again.items()} == {
        name: str(figure) for name, figure in figures.items()
    }


def test_the_card_tells_figures_thresholds_data_and_limits(finished: Finished) -> None:
    folder, figures = finished
    card = (folder / "README.md").read_text("utf-8")
    manifest = read_manifest(folder)
    recall = figures["escalate recall"]
    assert (
        f"| escalate recall | {recall.value:.3f} | {recall.low:.3f} – {recall.high:.3f} |" in card
    )
    assert manifest.base_model in card
    assert manifest.version in card
    assert f"{manifest.thresholds.severity:.3f}" in card
    for name, digest in manifest.data_sha256.items():
        assert f"| {name} | `{digest[:16]}…` |" in card
    for source in load_config().sources:
        assert f"| {source.name} | {source.about} |" in card
    assert "## Limits" in card


def test_no_draft_is_left(finished: Finished) -> None:
    assert not list(finished[0].glob("*.draft"))


def test_labels_too_few_to_choose_on_are_told_before_training(
    data: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finetune.pipeline.train", lambda *_, **__: pytest.fail("training began"))
    poor = shutil.copytree(data, tmp_path / "poor")
    (poor / "complaint_labels.csv").write_text("id,text,category,polarity,intensity,escalate\n")
    with pytest.raises(DataError, match=r"complaint_labels\.csv: expected rows to choose threshol"):
        make_adapter(Job(Data(poor), load_config(), settings, tmp_path / "adapter"))
    assert not (tmp_path / "adapter").exists()
