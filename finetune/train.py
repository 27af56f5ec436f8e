"""Trains LoRA weights and heads on an 8-bit base and writes an adapter."""

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from torch import Tensor, nn
from torch.utils.data import Dataset
from transformers import (
    PreTrainedTokenizerBase,
    Trainer,
    TrainingArguments,
    get_cosine_schedule_with_warmup,
    set_seed,
)

from amends.settings import Settings
from finetune.config import TrainConfig
from finetune.losses import masked_loss
from finetune.samples import OWN_MESSAGES, DataError, Sample, all_samples, unaddressed
from finetune.stages import Stage, stages
from nlu.adapter import Manifest, Thresholds, check_target, head_labels, save_adapter
from nlu.base_model import find_base, weights_sha256
from nlu.quiet import quiet_loading
from nlu.scoring_model import (
    MAX_TOKENS,
    ScoringModel,
    load_encoder,
    load_tokenizer,
    pick_device,
    with_lora,
)
from nlu.text import prepare

DATA_FILES = (
    "valence_amazon.csv",
    "valence_tweets.csv",
    "valence_movies.csv",
    "complaint_tweets.csv",
)
# Before any threshold is chosen nothing may be escalated by score, and no category be found.
UNSET = Thresholds(severity=1.0, similarity=1.0, margin=0.0, encoder="")


class Batches(Dataset[dict[str, Any]]):
    """Samples as token ids with their labels."""

    def __init__(self, samples: Sequence[Sample], tokenizer: PreTrainedTokenizerBase) -> None:
        self._samples = samples
        texts = [prepare(sample.text) for sample in samples]
        self._tokens = tokenizer(texts, truncation=True, max_length=MAX_TOKENS)["input_ids"]

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, row: int) -> dict[str, Any]:
        sample = self._samples[row]
        return {
            "input_ids": self._tokens[row],
            "length": len(self._tokens[row]),
            "polarity": sample.polarity,
            "valence": sample.valence,
            "intensity": sample.intensity,
            "complaint": sample.complaint,
        }


class Collate:
    """Pads the token ids of a batch and stacks its labels."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._tokenizer = tokenizer

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Make one batch of rows."""
        tokens = self._tokenizer.pad(
            {"input_ids": [row["input_ids"] for row in rows]}, return_tensors="pt"
        )
        labels = {name: torch.tensor([row[name] for row in rows]) for name in head_labels()}
        return {
            "input_ids": tokens["input_ids"],
            "attention_mask": tokens["attention_mask"],
            "labels": labels,
        }


class HeadsTrainer(Trainer):
    """Transformers' Trainer with the masked loss of several heads."""

    def compute_loss(
        self, model: nn.Module, inputs: dict[str, Any], *_: object, **__: object
    ) -> Tensor:
        """Loss of one batch; the remaining arguments of the Trainer are not used."""
        labels = {name: values.to(self.args.device) for name, values in inputs["labels"].items()}
        return masked_loss(model(inputs["input_ids"], inputs["attention_mask"]), labels)


def train(data: Path, output: Path, settings: Settings, config: TrainConfig) -> Manifest:
    """Train an adapter on the training split and write it.

    Args:
        data: Folder with the label files.
        output: Folder of the adapter to be; replaced when it exists.
        settings: Say which base, precision and device.
        config: How to train.

    Returns:
        The manifest, its thresholds still unset.

    Raises:
        AdapterError: the output folder holds something else.
        DataError: a label file cannot be read, or nothing is left to train on.
    """
    check_target(output)
    set_seed(config.seed)
    samples = _training_split(data)
    base = find_base(settings.base_model)
    tokenizer = load_tokenizer(base)
    model = _new_model(base, settings, config)
    for stage in stages(config):
        _fit(model, tokenizer, [*samples, *unaddressed(samples)], stage, config)
    manifest = Manifest(
        name=output.name,
        version=_version(model),
        base_model=settings.base_model,
        base_sha256=weights_sha256(base),
        heads=head_labels(),
        thresholds=UNSET,
        data_sha256=_data_hashes(data),
        training={**config.model_dump(), "precision": settings.precision, "samples": len(samples)},
        metrics={},
    )
    save_adapter(model, manifest, output)
    return manifest


def _training_split(data: Path) -> list[Sample]:
    samples = [sample for sample in all_samples(data) if sample.split == "train"]
    if not samples:
        raise DataError(
            f"{data}: expected samples for training, found none. "
            "Give the folder that holds the label files with --data."
        )
    return samples


def _new_model(base: Path, settings: Settings, config: TrainConfig) -> ScoringModel:
    lora = LoraConfig(
        r=config.lora_rank,
        lora_alpha=2 * config.lora_rank,
        # The base drops out on its own; more random numbers cost a third of a step on a CPU.
        lora_dropout=0.0,
        target_modules="all-linear",
        # BERT's pooler is not on the way to the heads; weights there would never learn.
        exclude_modules=["pooler.dense"],
    )
    device = pick_device(settings.device)
    with quiet_loading():
        encoder = with_lora(load_encoder(base, settings.precision, device), lora)
    width: int = encoder.config.hidden_size  # type: ignore[union-attr, assignment]
    return ScoringModel(encoder, width, config.dropout).to(device)


def _fit(
    model: ScoringModel,
    tokenizer: PreTrainedTokenizerBase,
    samples: Sequence[Sample],
    stage: Stage,
    config: TrainConfig,
) -> None:
    if not stage.epochs:
        return
    batches = Batches(stage.select(samples, config.max_samples), tokenizer)
    steps = stage.epochs * -(-len(batches) // config.batch_size)
    groups = _groups(model, config, stage.rate)
    optimizer = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
    schedule = get_cosine_schedule_with_warmup(optimizer, int(steps * config.warmup_share), steps)
    with tempfile.TemporaryDirectory() as folder:
        HeadsTrainer(
            model=model,
            args=_arguments(folder, model, stage.epochs, config),
            train_dataset=batches,
            data_collator=Collate(tokenizer),
            optimizers=(optimizer, schedule),
        ).train()


def _arguments(
    folder: str, model: ScoringModel, epochs: int, config: TrainConfig
) -> TrainingArguments:
    return TrainingArguments(
        output_dir=folder,
        num_train_epochs=epochs,
        per_device_train_batch_size=config.batch_size,
        # Messages of like length share a batch: a third less padding to compute.
        train_sampling_strategy="group_by_length",
        length_column_name="length",
        remove_unused_columns=False,
        save_strategy="no",
        report_to="none",
        seed=config.seed,
        use_cpu=next(model.parameters()).device.type == "cpu",
        dataloader_pin_memory=False,
    )


def _groups(model: ScoringModel, config: TrainConfig, rate: float) -> list[dict[str, Any]]:
    heads = list(model.heads.parameters())
    lora = [weight for weight in model.encoder.parameters() if weight.requires_grad]
    return [
        {"params": lora, "lr": rate * config.learning_rate},
        {"params": heads, "lr": rate * config.head_learning_rate},
    ]


def _version(model: ScoringModel) -> str:
    """The first 12 hexadecimal digits of a hash of all trained weights."""
    digest = hashlib.sha256()
    for _, weight in sorted(model.named_parameters()):
        if weight.requires_grad:
            digest.update(weight.detach().cpu().numpy().tobytes())
    return digest.hexdigest()[:12]


def _data_hashes(data: Path) -> dict[str, str]:
    files = [*(data / name for name in DATA_FILES), OWN_MESSAGES]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
