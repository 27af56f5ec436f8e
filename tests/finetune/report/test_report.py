"""The report as a whole: what stands in it, what must not, and what it measures."""

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from own_rows import MARKUP, SOURCE, THINGS, few_resamples, make_adapter

from amends.settings import Settings
from finetune.config import TrainConfig, parse_config
from finetune.data import Data
from finetune.evaluate import evaluate
from finetune.report.build import build
from finetune.report.measured import HeldOut, Measured
from finetune.report.model import Report
from finetune.report.page import render
from finetune.report.subject import Subject
from finetune.report.write import write_report
from finetune.samples import DataError
from nlu.heads import HeadSpec

SECTIONS = [
    *("compared", "precision", "classes", "calibration", "escalate", "slices"),
    *("behaviour", "groups", "limits"),
]
SYSTEMS = ["fp32", "int8", "frozen embeddings", "TF-IDF", "VADER", "TextBlob"]


@pytest.fixture(scope="module")
def written(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "new"
    write_report(report, folder)
    return folder


@pytest.fixture(scope="module")
def page(written: Path) -> str:
    return (written / "report.html").read_text("utf-8")


def test_every_section_is_there_and_reached(page: str) -> None:
    assert re.findall(r'<h2 id="(\w+)"', page) == SECTIONS
    assert re.findall(r'<a href="#(\w+)"', page) == SECTIONS


def test_json_holds_the_report_again(written: Path) -> None:
    text = (written / "report.json").read_text("utf-8")
    assert Report.model_validate_json(text).model_dump_json(indent=2) + "\n" == text


def test_no_message_of_the_data_is_told(written: Path) -> None:
    for file in written.iterdir():
        text = file.read_text("utf-8").lower()
        assert [thing for thing in THINGS if thing in text] == []


def test_names_from_data_and_configuration_are_escaped(page: str) -> None:
    assert "<b>toys" not in page
    assert "<i>co" not in page
    assert "domain: &lt;b&gt;toys&lt;/b&gt; &amp; &#39;games&#39;" in page
    assert "shop &amp; &lt;i&gt;co&lt;/i&gt;" in page


def test_a_label_that_is_markup_is_escaped_in_tables_and_pictures(report: Report) -> None:
    evil = "<script>alert(1)</script>$x$"
    table = report.classes[0].model_copy(update={"labels": (evil, "yes")})
    curve = report.reliability[0].model_copy(update={"name": evil})
    page = render(report.model_copy(update={"classes": (table,), "reliability": (curve,)}))
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;$x$") >= 3


def test_the_page_needs_nothing_else(page: str) -> None:
    """No script, and nothing is fetched: what it links to is in the page."""
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', page) == []
    assert re.findall(r"url\((?!#)[^)]*\)", page) == []
    assert "default-src 'none'" in page
    assert page.count("<svg") == len(re.findall(r"</svg>", page)) >= 10


def test_every_system_is_measured_on_the_same_rows(report: Report) -> None:
    assert list(report.systems) == SYSTEMS
    ours = report.systems["fp32"]
    for name in SYSTEMS[1:]:
        assert report.systems[name]
        for measure, found in report.systems[name].items():
            assert found.rows == ours[measure].rows


def test_measures_follow_the_kind_of_head(report: Report) -> None:
    assert {
        f"{SOURCE} valence Pearson r",
        f"{SOURCE} complaint macro-F1",
        f"{SOURCE} complaint accuracy",
        f"{SOURCE} polarity accuracy",
        f"{SOURCE} polarity macro-F1",
        f"{SOURCE} complaint calibration error",
        "films polarity accuracy",
        "complaint_labels intensity weighted kappa",
        "complaint_labels escalate calibration error",
        "escalate recall",
        "escalate precision",
        "category accuracy, without other",
        "category accuracy, with other",
        "another name: polarity kept",
        "a negation removed: polarity changed",
    } <= set(report.figures)


def test_figures_of_the_adapter_are_those_of_its_precision(report: Report) -> None:
    for name, found in report.systems[report.precision].items():
        assert str(found) == str(report.figures[name])


def test_quick_figures_are_those_of_the_report(measured: Measured, report: Report) -> None:
    with few_resamples():
        quick = evaluate(measured)
    assert {name: str(one) for name, one in quick.items()} == {
        name: str(one) for name, one in report.figures.items()
    }


def test_only_slices_of_what_shoppers_write_with_enough_rows_are_gated(report: Report) -> None:
    gated = {one.title for one in report.slices if one.gated}
    assert f"{SOURCE} polarity accuracy [typos]" in gated
    assert f"{SOURCE} complaint macro-F1 [domain: {MARKUP}]" in gated
    assert gated == {name for name in report.figures if name.endswith("]")}
    for one in report.slices:
        assert one.gated is (one.enough and one.source == SOURCE)
        assert not one.enough or one.figure.rows >= 20
    assert {one.source for one in report.slices} == {SOURCE, "films", "complaint_labels"}


def test_few_rows_are_grey_on_the_page(report: Report) -> None:
    few = [one for one in report.slices if not one.enough]
    assert few
    page = render(report.model_copy(update={"slices": (few[0],)}))
    assert page.count('<tr class="grey">') == 1


def test_the_temperature_makes_what_is_said_less_sure(report: Report) -> None:
    one = next(one for one in report.reliability if one.name == f"{SOURCE} polarity")
    assert one.temperature == 2.0
    sure = [max(found.confidence for found in bins) for bins in (one.before, one.after)]
    assert sure[1] < sure[0]
    assert sum(found.rows for found in one.after) == one.rows


def test_the_chosen_threshold_is_on_the_curve(report: Report) -> None:
    called = report.escalation
    assert called is not None
    assert (called.threshold, called.least_precision) == (0.5, 0.75)
    at = next((p for p in called.curve if p.threshold >= called.threshold), None)
    found = report.figures["escalate recall"].value
    assert found == pytest.approx(at.recall if at else 0.0)
    assert called.urgent <= called.rows


def test_no_value_is_a_dash(report: Report) -> None:
    name = "escalate precision"
    nothing = replace(report.figures[name], value=math.nan, low=math.nan, high=math.nan)
    changed = report.model_copy(update={"figures": {**report.figures, name: nothing}})
    assert "<b>–</b><span>of those who get one need one" in render(changed)
    again = Report.model_validate_json(changed.model_dump_json())
    assert math.isnan(again.figures[name].value)


@pytest.fixture(scope="module")
def starred(config: TrainConfig) -> TrainConfig:
    """One head of five classes, as no assistant reads it."""
    stars = {"kind": "classes", "labels": ["1", "2", "3", "4", "5"]}
    values = {"negative": "1", "neutral": "3", "positive": "5"}
    source = {"column": "polarity", "values": values}
    return parse_config(
        {
            "heads": {"stars": stars},
            "stages": [{"sources": {"shop": 1}, "epochs": 1}],
            "sources": [
                {"name": "shop", "path": "shop.csv", "labels": {"stars": source}, "test_share": 50}
            ],
        },
        "test",
    )


@pytest.fixture(scope="module")
def star_adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    heads = {"stars": HeadSpec(kind="classes", labels=("1", "2", "3", "4", "5"))}
    return make_adapter(base, tmp_path_factory.mktemp("stars") / "stars", heads)


def test_an_adapter_with_other_heads_is_measured_on_its_own(
    star_adapter: Path, starred: TrainConfig, folder: Path, report_settings: Settings
) -> None:
    with few_resamples():
        report = build(star_adapter, HeldOut.read(starred, Data(folder)), report_settings)
    assert report.escalation is None
    assert "shop stars accuracy" in report.systems["TF-IDF"]
    assert report.systems["VADER"] == {}
    assert [table.labels for table in report.classes] == [("1", "2", "3", "4", "5")]
    page = render(report)
    assert re.findall(r'<h2 id="(\w+)"', page) == [one for one in SECTIONS if one != "escalate"]


def test_rows_without_a_label_of_its_heads_are_told(
    star_adapter: Path, held_out: HeldOut, report_settings: Settings
) -> None:
    with pytest.raises(DataError, match=r"heads \(stars\), found none\. .* by --config\."):
        Measured(Subject.load(star_adapter, report_settings), held_out)


def test_a_head_that_says_something_else_is_another_head(
    base: Path, held_out: HeldOut, report_settings: Settings, tmp_path: Path
) -> None:
    """Labels are indices: with the classes in another order they would be wrong."""
    turned = HeadSpec(kind="classes", labels=("positive", "neutral", "negative"))
    folder = make_adapter(base, tmp_path / "turned", {"polarity": turned})
    with pytest.raises(DataError, match="found none"):
        Measured(Subject.load(folder, report_settings), held_out)


def test_domains_are_found_by_message(held_out: HeldOut) -> None:
    assert set(held_out.domains.values()) == {"food", MARKUP}
    assert len(held_out.domains) == 72
