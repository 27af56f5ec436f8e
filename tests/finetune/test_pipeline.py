"""From label files to an adapter with thresholds, figures and a card, on a few messages."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from amends.settings import Settings
from finetune.evaluate import Figures
from finetune.pipeline import finish, measure
from finetune.samples import DataError
from nlu.adapter import read_manifest
from nlu.assessor import Assessor

NAMES = {
    "valence_amazon Pearson r",
    "valence_amazon Pearson r, VADER",
    "complaint_tweets macro-F1",
    "escalate recall",
    "escalate precision",
    "category accuracy, without other",
    "category accuracy, with other",
    "polarity accuracy",
    "intensity accuracy",
}


@pytest.fixture(scope="module")
def finished(
    trained, data: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Figures]]:
    folder = tmp_path_factory.mktemp("finished") / "adapter"
    shutil.copytree(trained.folder, folder)
    return folder, finish(data, folder, trained.manifest, settings)


def test_figures_have_their_spread_and_rows(finished: tuple[Path, Figures]) -> None:
    _, figures = finished
    assert set(figures) == NAMES
    for figure in figures.values():
        assert figure.rows > 0
        # NaN where a measure has no value, such as precision where nothing escalates.
        assert figure.low <= figure.high or figure.value != figure.value


def test_the_manifest_holds_thresholds_and_figures(
    finished: tuple[Path, Figures], settings: Settings
) -> None:
    folder, figures = finished
    manifest = read_manifest(folder)
    assert 0 < manifest.thresholds.severity < 1
    assert manifest.thresholds.encoder == settings.encoder
    found = manifest.metrics["complaint_tweets macro-F1"]["value"]
    assert found == pytest.approx(figures["complaint_tweets macro-F1"].value)


def test_it_keeps_the_version_of_its_weights(finished: tuple[Path, Figures], trained) -> None:
    assert read_manifest(finished[0]).version == trained.manifest.version


def test_it_serves_with_the_thresholds_that_were_chosen(
    finished: tuple[Path, Figures], settings: Settings
) -> None:
    folder, _ = finished
    assessor = Assessor.load(settings.model_copy(update={"adapter": folder}))
    [found] = assessor.assess(["the kettle never arrived and nobody answers me"])
    assert found.severity_threshold == read_manifest(folder).thresholds.severity  # type: ignore[union-attr]


def test_measured_again_the_figures_are_the_same(
    finished: tuple[Path, Figures], data: Path, settings: Settings
) -> None:
    folder, figures = finished
    again = measure(data, folder, settings)
    for name, figure in figures.items():
        assert str(again[name]) == str(figure)


def test_the_card_tells_figures_thresholds_data_and_limits(
    finished: tuple[Path, Figures],
) -> None:
    folder, figures = finished
    card = (folder / "README.md").read_text("utf-8")
    manifest = read_manifest(folder)
    f1 = figures["complaint_tweets macro-F1"]
    assert f"| complaint_tweets macro-F1 | {f1.value:.3f} | {f1.low:.3f} – {f1.high:.3f} |" in card
    assert manifest.base_model in card
    assert manifest.version in card
    assert f"{manifest.thresholds.severity:.3f}" in card
    for name, digest in manifest.data_sha256.items():
        assert f"| {name} | `{digest[:16]}…` |" in card
    assert "## Limits" in card


def test_no_draft_is_left(finished: tuple[Path, Figures]) -> None:
    assert not list(finished[0].glob("*.draft"))


def test_labels_too_few_to_choose_on_leave_the_adapter_as_it_was(
    trained, data: Path, settings: Settings, tmp_path: Path
) -> None:
    poor = shutil.copytree(data, tmp_path / "poor")
    (poor / "complaint_labels.csv").write_text("id,text,category,polarity,intensity,escalate\n")
    folder = shutil.copytree(trained.folder, tmp_path / "adapter")
    with pytest.raises(DataError, match=r"complaint_labels.csv: expected rows"):
        finish(poor, folder, trained.manifest, settings)
    assert read_manifest(folder) == trained.manifest
