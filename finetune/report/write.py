"""Writes the report: one page for people, one file for programs."""

from pathlib import Path

from amends.outputs import writing
from finetune.report.model import Report
from finetune.report.page import render

PAGE_FILE = "report.html"
JSON_FILE = "report.json"


def write_report(report: Report, folder: Path) -> None:
    """Write `report.html` and `report.json` into a folder.

    Raises:
        OutputError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (
        (JSON_FILE, report.model_dump_json(indent=2)),
        (PAGE_FILE, render(report)),
    ):
        with writing(folder / name, "--output") as file:
            file.write(content + "\n")
