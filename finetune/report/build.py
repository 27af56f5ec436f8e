"""Measures everything that the report tells."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import torch

from amends.settings import Settings
from finetune.complaint_labels import half
from finetune.evaluate import figures_of as adapter_figures
from finetune.report.baselines import Linear, frozen, plain_base, textblob, tf_idf, vader
from finetune.report.behaviour import behaviour
from finetune.report.classes import all_classes
from finetune.report.curves import escalation, reliabilities
from finetune.report.decisions import Decide, Figures, figures_of
from finetune.report.groups import gaps
from finetune.report.measured import HeldOut, Measured
from finetune.report.model import Report
from finetune.report.served import served
from finetune.report.subject import Subject
from nlu.assessment import Assessment, Unreadable
from nlu.lexicon import assess_by_lexicon
from nlu.scoring_model import Precision

BEFORE = "frozen embeddings"
PRECISIONS: tuple[Precision, ...] = ("fp32", "int8")


def build(adapter: Path, held_out: HeldOut, settings: Settings) -> Report:
    """Measure an adapter, its other precision, its base and simpler means on the same rows.

    Args:
        adapter: Its folder.
        held_out: What it is measured on.
        settings: Say base, encoder, categories, precision and device.

    Raises:
        AdapterError: the adapter cannot be used.
        DataError: no test row has a label of its heads.
    """
    measured = Measured(Subject.load(adapter, settings), held_out)
    manifest, slices = measured.subject.manifest, measured.slices()
    checks, called = behaviour(measured.scored), measured.served
    return Report(
        adapter=f"{manifest.name}-{manifest.version}",
        base_model=manifest.base_model,
        made=datetime.now(UTC).replace(microsecond=0),
        machine=_machine(),
        precision=settings.precision,
        figures=adapter_figures(measured, slices, checks),
        systems=_systems(adapter, measured, settings),
        classes=all_classes(measured),
        reliability=reliabilities(measured),
        escalation=escalation(called.escalation, manifest.thresholds.severity) if called else None,
        slices=tuple(slices),
        behaviour=tuple(checks),
        groups=tuple(gaps(measured.scored)),
    )


def _systems(adapter: Path, measured: Measured, settings: Settings) -> dict[str, Figures]:
    """The adapter in both precisions, and what it is compared with."""
    found: dict[str, Figures] = {
        precision: (
            measured.whole
            if precision == settings.precision
            else Measured(Subject.load(adapter, settings, precision), measured.held_out).whole
        )
        for precision in PRECISIONS
    }
    return {**found, **_baselines(measured, settings)}


def _baselines(measured: Measured, settings: Settings) -> dict[str, Figures]:
    samples, heads = measured.held_out.samples, {rows.head: rows.spec for rows in measured.rows}
    base = plain_base(measured.subject.classifier, settings.base_model, settings.device)
    before = Linear.fit(frozen(base, samples), samples, heads)
    words = Linear.fit(tf_idf(samples), samples, heads)
    decisions: dict[str, Decide] = {
        BEFORE: before.decide,
        "TF-IDF": words.decide,
        "VADER": vader,
        "TextBlob": textblob,
    }
    found = {name: _all_rows(measured, decide) for name, decide in decisions.items()}
    if measured.served:
        found["VADER"] |= _lexicon_serves(measured)
    return found


def _all_rows(measured: Measured, decide: Decide) -> Figures:
    return {name: one for rows in measured.rows for name, one in figures_of(rows, decide).items()}


def _lexicon_serves(measured: Measured) -> Figures:
    """Whom the assistant would hand over when the classifier is down."""
    report = half(measured.held_out.data, "report")
    return served(_by_lexicon, report).escalation_figures()


def _by_lexicon(texts: Sequence[str]) -> list[Assessment | Unreadable]:
    return [assess_by_lexicon(text, "measured") for text in texts]


def _machine() -> str:
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return f"{os.cpu_count()} cores ({platform.machine()}), {gpu}, torch {torch.__version__}"
