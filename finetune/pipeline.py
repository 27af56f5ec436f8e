"""From label files to an adapter that can be used: train, calibrate, choose, describe."""

from dataclasses import asdict, dataclass
from pathlib import Path

from accelerate import PartialState

from amends.settings import Settings
from finetune.calibration import fit_scales
from finetune.card import write_card
from finetune.complaint_labels import LabelledComplaint, half, of_validation, refuse_too_few
from finetune.config import TrainConfig
from finetune.data import Data, data_sha256, read_samples
from finetune.disk import telling_full_disk
from finetune.evaluate import evaluate
from finetune.report.decisions import Figures
from finetune.report.measured import HeldOut, Measured
from finetune.report.subject import Subject
from finetune.run_folder import RunFolder
from finetune.samples import Sample
from finetune.thresholds import choose_thresholds
from finetune.train import train
from nlu.assessor import load_sentence_encoder
from nlu.categories import CategoryFinder
from nlu.category_file import read_categories
from nlu.classifier import Classifier
from nlu.heads import SERVED_HEADS
from nlu.manifest import Manifest, write_manifest


@dataclass(frozen=True)
class Job:
    """What is to be made, from what, and how.

    Attributes:
        data: Where the labels are.
        config: How to train.
        settings: Say which base, encoder, categories, precision and device.
        output: Folder of the adapter to be; replaced when it exists.
    """

    data: Data
    config: TrainConfig
    settings: Settings
    output: Path

    @property
    def serves(self) -> bool:
        """Whether the adapter will have the heads that the assistant reads."""
        return all(self.config.specs.get(name) == spec for name, spec in SERVED_HEADS.items())


def make_adapter(job: Job, *, start: Path | None = None, resume: bool = False) -> Figures:
    """Train an adapter, calibrate it, choose its thresholds, measure it, write manifest and card.

    Args:
        job: What to make.
        start: An adapter to go on from.
        resume: Go on with a run that was killed.

    Returns:
        The figures that the manifest holds; none for an adapter that does not serve.

    Raises:
        AdapterError: the output folder holds something else.
        DataError: a label cannot be used, or too few labels.
        DiskFullError: there is no room for a checkpoint or the adapter.
        InputError: a file cannot be read.
        RunError: the run cannot begin or go on.
        TrainingError: the GPU's memory ran out.
    """
    # Labels that no threshold can be chosen on are told now, not after minutes of training.
    tune = _tuning_rows(job)
    samples = read_samples(job.config, job.data)
    digests = data_sha256(job.config, job.data)
    # Kept until all is done: an adapter without thresholds escalates nothing by its score.
    manifest = train(
        samples,
        job.output,
        job.settings,
        job.config,
        digests,
        start=start,
        resume=resume,
        keep_run=True,
    )
    figures: Figures = {}
    if PartialState().is_main_process:
        with telling_full_disk(job.output):
            figures = finish(job, manifest, samples, tune)
        RunFolder.of(job.output).remove()
    PartialState().wait_for_everyone()
    return figures


def finish(
    job: Job, manifest: Manifest, samples: list[Sample], tune: list[LabelledComplaint]
) -> Figures:
    """Calibrate a trained adapter, choose its thresholds, measure it, write manifest and card.

    Args:
        job: What is made.
        manifest: As training wrote it.
        samples: Those of the split `validation` calibrate.
        tune: Complaint labels to choose thresholds on; none for an adapter that does not serve.
    """
    settings, output = job.settings, job.output
    classifier = Classifier.load(output, settings.base_model, settings.precision, settings.device)
    scales = fit_scales(classifier, [s for s in samples if s.split == "validation"])
    manifest = manifest.model_copy(
        update={
            "temperatures": {head: scale.temperature for head, scale in scales.items()},
            "shifts": {head: scale.shift for head, scale in scales.items()},
        }
    )
    write_manifest(manifest, output)
    figures: Figures = {}
    if tune:
        more = of_validation(samples, job.config.severity_from)
        manifest = _with_thresholds(job, manifest, [*tune, *more])
        write_manifest(manifest, output)
        figures = measure(output, job.data, job.config, settings)
        metrics = {name: asdict(figure) for name, figure in figures.items()}
        manifest = manifest.model_copy(update={"metrics": metrics})
        write_manifest(manifest, output)
    write_card(manifest, job.config, output)
    return figures


def _with_thresholds(job: Job, manifest: Manifest, tune: list[LabelledComplaint]) -> Manifest:
    settings = job.settings
    classifier = Classifier.load(
        job.output, settings.base_model, settings.precision, settings.device
    )
    categories = read_categories(settings.categories_file)
    finder = CategoryFinder(categories, load_sentence_encoder(settings))
    thresholds = choose_thresholds(classifier, finder, tune, settings.encoder)
    return manifest.model_copy(update={"thresholds": thresholds})


def _tuning_rows(job: Job) -> list[LabelledComplaint]:
    if not job.serves:
        return []
    tune = half(job.data.folder, "tune")
    refuse_too_few(tune)
    return tune


def measure(adapter: Path, where: Data, config: TrainConfig, settings: Settings) -> Figures:
    """Measure an adapter as it would serve, on rows that it was not made from.

    Args:
        adapter: Folder of the adapter.
        where: The label files.
        config: Says which of their rows are held out.
        settings: Say base, encoder, categories, precision and device.
    """
    # First, because what is wrong with an adapter is told whatever the data are.
    subject = Subject.load(adapter, settings)
    held_out = HeldOut.read(config, where)
    return evaluate(Measured(subject, held_out))
