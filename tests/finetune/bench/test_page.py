"""The page of the benchmark says what was measured, and what was not yet."""

from typing import Any

from finetune.bench.page import render
from finetune.measures import Figure

HEAD: dict[str, Any] = {"command": "x", "date": "2026-01-02", "machine": "m", "protocols": []}


def test_an_unfinished_page_says_so_and_leaves_out_what_is_missing() -> None:
    page = render({**HEAD, "finished": False})
    assert "Not finished" in page
    assert "## The papers' protocols" in page
    assert "## A new domain" not in page


def test_a_finished_page_has_every_part() -> None:
    figure = Figure(0.5, 0.4, 0.6, 10)
    page = render(
        {
            **HEAD,
            "finished": True,
            "labels": [("escalate recall", "0.80", "0.90", figure)],
            "overfitting": [("nothing", 0.8, 0.0, "–")],
            "overfitting_folds": 2,
            "continual": {"new domain, before": figure},
            "curve": "a curve",
            "evidence": "a table",
            "evidence_rows": 3,
        }
    )
    assert "Not finished" not in page
    assert "| escalate recall | 0.80 | 0.90 | 0.500 | 0.400 – 0.600 | 10 |" in page
    for heading in ("Against overfitting", "A new domain", "Fewer labels", "Evidence"):
        assert f"\n## {heading}\n" in page
