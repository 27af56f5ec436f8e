"""From label files to an adapter that can be used: train, choose thresholds, measure, describe."""

from dataclasses import asdict
from pathlib import Path

from amends.settings import Settings
from finetune.card import write_card
from finetune.config import TrainConfig
from finetune.evaluate import Figures, evaluate
from finetune.samples import LabelledComplaint, labelled_complaints
from finetune.thresholds import choose_thresholds, refuse_too_few
from finetune.train import train
from nlu.manifest import MANIFEST_FILE, Manifest
from nlu.assessor import Assessor, load_sentence_encoder
from nlu.categories import CategoryFinder
from nlu.category_file import read_categories
from nlu.classifier import Classifier


def make_adapter(data: Path, output: Path, settings: Settings, config: TrainConfig) -> Figures:
    """Train an adapter, choose its thresholds, measure it, and write manifest and card.

    Args:
        data: Folder with the label files.
        output: Folder of the adapter to be; replaced when it exists.
        settings: Say which base, encoder, categories, precision and device.
        config: How to train.

    Returns:
        The figures that the manifest holds.

    Raises:
        AdapterError: the output folder holds something else.
        DataError: a label file cannot be read, or too few labels.
    """
    # Labels that no threshold can be chosen on are told now, not after minutes of training.
    refuse_too_few(_tuning_rows(data))
    manifest = train(data, output, settings, config)
    return finish(data, output, manifest, settings)


def finish(data: Path, output: Path, manifest: Manifest, settings: Settings) -> Figures:
    """Choose thresholds for a trained adapter, measure it, and write manifest and card."""
    classifier = Classifier.load(output, settings.base_model, settings.precision, settings.device)
    finder = CategoryFinder(
        read_categories(settings.categories_file), load_sentence_encoder(settings)
    )
    thresholds = choose_thresholds(classifier, finder, _tuning_rows(data), settings.encoder)
    _write(manifest.model_copy(update={"thresholds": thresholds}), output)
    figures = measure(data, output, settings)
    metrics = {name: asdict(figure) for name, figure in figures.items()}
    finished = manifest.model_copy(update={"thresholds": thresholds, "metrics": metrics})
    _write(finished, output)
    write_card(finished, output)
    return figures


def measure(data: Path, adapter: Path, settings: Settings) -> Figures:
    """Measure an adapter as it would serve, on rows that it was not made from."""
    assessor = Assessor.load(settings.model_copy(update={"adapter": adapter}))
    return evaluate(data, assessor)


def _tuning_rows(data: Path) -> list[LabelledComplaint]:
    return [row for row in labelled_complaints(data) if row.half == "tune"]


def _write(manifest: Manifest, folder: Path) -> None:
    draft = folder / f"{MANIFEST_FILE}.draft"
    draft.write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
    draft.replace(folder / MANIFEST_FILE)
