"""The parts of the quality page that need no folds of the protocols."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from amends.settings import Settings
from finetune.bench.categories import category_accuracy_cv
from finetune.bench.continual import continual
from finetune.bench.escalation import cross_validated_escalation
from finetune.bench.protocol_runs import Bench
from finetune.bench.protocols import COMPLAINTS
from finetune.complaint_labels import half, labelled_complaints, of_validation, own_labelled
from finetune.config import load_config
from finetune.data import Data, read_samples
from finetune.faithfulness import compare
from finetune.learning_curve import learning_curve, markdown, pool_of
from finetune.measures import Figure
from finetune.sources import read_source
from nlu.adapter_in_use import adapter_in_use
from nlu.assessor import load_sentence_encoder
from nlu.categories import CategoryFinder
from nlu.category_file import read_categories
from nlu.classifier import Classifier
from nlu.reader import Reader
from nlu.text import meaning

Target = tuple[str, str, str, Figure]
"""Name, floor, aim and figure."""


def continual_part(bench: Bench) -> dict[str, Figure]:
    """Valence by domain, before and after one of them is added."""
    return continual(bench.data, bench.work / "continual", bench.settings)


def in_use(settings: Settings) -> Classifier:
    """The adapter that serves."""
    return Classifier.load(
        adapter_in_use(settings), settings.base_model, settings.precision, settings.device
    )


def labels_part(data: Path, settings: Settings) -> list[Target]:
    """Figures on the complaint labels."""
    rows = labelled_complaints(data)
    config = load_config()
    validation = of_validation(read_samples(config, Data(data)), config.severity_from)
    found = cross_validated_escalation(in_use(settings), rows, validation)
    categories = read_categories(settings.categories_file)
    finder = CategoryFinder(categories, load_sentence_encoder(settings))
    named = category_accuracy_cv(rows, finder)
    own = category_accuracy_cv(own_labelled(data), finder)
    return [
        ("category accuracy, without other", "0.70", "0.80", named.named),
        ("category accuracy, with other", "–", "–", named.overall),
        ("category accuracy, without other, on our own labels", "–", "–", own.named),
        (
            "escalate recall, thresholds at precision ≥ 0.75",
            "0.80",
            "0.90",
            found["escalate recall"],
        ),
        ("escalate precision", "0.75", "–", found["escalate precision"]),
    ]


def evidence_part(bench: Bench, settings: Settings) -> dict[str, Any]:
    """Deletion tests of every way to weigh words."""
    reader = Reader.of(settings)
    texts = [reader.read(row.text) for row in half(bench.data, "tune")]
    found = compare(in_use(settings), texts)
    return {"evidence": _table(found), "evidence_rows": len(texts)}


def curve_part(bench: Bench) -> str:
    """Learning curves of suggested and of random labels, on frozen vectors of the plain base."""
    config = load_config(COMPLAINTS.config)
    source = next(s for s in config.sources if s.name == COMPLAINTS.source)
    samples = read_source(source, bench.data, config.specs)
    encoder = load_sentence_encoder(bench.settings)
    pool = pool_of(
        samples, COMPLAINTS.head, lambda texts: encoder.encode([meaning(t) for t in texts])
    )
    return markdown(learning_curve(pool))


def _table(found: dict[str, dict[str, Figure]]) -> str:
    names: Sequence[str] = list(next(iter(found.values())))
    lines = [f"| way | {' | '.join(names)} |", "| --- |" + " --- |" * len(names)]
    for way, figures in found.items():
        values = " | ".join(f"{figures[name].value:.3f}" for name in names)
        lines.append(f"| {way} | {values} |")
    return "\n".join(lines)
