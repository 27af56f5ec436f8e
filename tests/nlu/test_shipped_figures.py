"""What the README says of the shipped adapter is what the adapter's manifest says."""

import re
from pathlib import Path

import pytest

from amends.settings import SHIPPED_ADAPTER
from nlu.manifest import read_manifest

README = Path(__file__).parents[2] / "README.md"
SPAN = r"(?P<low>[\d.]+) – (?P<high>[\d.]+)"
ROW = re.compile(rf"\| (?P<name>.+) \| (?P<value>[\d.]+) \| {SPAN} \| (?P<rows>\d+) \|")
ERROR = "calibration error"

IN_MANIFEST = {
    "valence_amazon Pearson r": "valence_amazon valence Pearson r",
    "complaint_tweets macro-F1": "complaint_tweets complaint macro-F1",
    "subjectivity accuracy": "subjectivity subjectivity accuracy",
    "polarity accuracy, labelled complaints": "complaint_labels polarity accuracy",
    "intensity accuracy, labelled complaints": "complaint_labels intensity accuracy",
    "calibration error, complaint": "complaint_tweets complaint calibration error",
    "calibration error, subjectivity": "subjectivity subjectivity calibration error",
    "calibration error, polarity, reviews": "valence_amazon polarity calibration error",
    f"{ERROR}, intensity, labelled complaints": f"complaint_labels intensity {ERROR}",
}
"""By the name of a row, where it has another name in the manifest."""

STATED = {match["name"]: match for match in ROW.finditer(README.read_text("utf-8"))}


def test_the_table_was_found() -> None:
    assert len(STATED) > len(IN_MANIFEST)
    assert STATED.keys() >= IN_MANIFEST.keys()


@pytest.mark.parametrize("name", sorted(STATED))
def test_a_figure_is_the_manifests(name: str) -> None:
    metric = read_manifest(SHIPPED_ADAPTER).metrics[IN_MANIFEST.get(name, name)]
    stated = {key: STATED[name][key] for key in ("value", "low", "high", "rows")}
    assert stated == {
        **{key: f"{metric[key]:.3f}" for key in ("value", "low", "high")},
        "rows": str(metric["rows"]),
    }
