"""Fits a model to samples, stage by stage, from where a killed run stopped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import PartialState
from transformers import (
    PreTrainedTokenizerBase,
    TrainerCallback,
    TrainingArguments,
    get_cosine_schedule_with_warmup,
    set_seed,
)

from amends.errors import AmendsError
from amends.settings import Settings
from finetune.adversarial import Fgm
from finetune.augment import augmenter
from finetune.batches import Collate, TokenizedSamples
from finetune.callbacks import Watcher, callbacks
from finetune.config import Stage, TrainConfig
from finetune.new_model import new_model, parameter_groups
from finetune.precision import computes_in_bf16, keeping_biases
from finetune.run_folder import RunFolder
from finetune.samples import Sample
from finetune.stages import select
from finetune.trainer import HeadsTrainer
from nlu.base_model import find_base
from nlu.scoring_model import ScoringModel, load_tokenizer, pick_device

Watch = Callable[[int, float], None]
"""Takes steps of the whole run and the validation loss after them."""


class TrainingError(AmendsError):
    """Training cannot go on; says what ran out and which settings help."""


@dataclass(frozen=True)
class Lesson:
    """One stage with what it reads.

    Attributes:
        number: From 1.
        stage: As the configuration has it.
        rows: The samples of one epoch.
        steps: How often the weights move in it.
        before: Steps of the stages before it.
    """

    number: int
    stage: Stage
    rows: Sequence[Sample]
    steps: int
    before: int


def join_processes(settings: Settings) -> None:
    """Meet the other processes of the run, if there are any, before the first word with them."""
    PartialState(cpu=pick_device(settings.device).type == "cpu")


def fit(
    samples: Sequence[Sample],
    settings: Settings,
    config: TrainConfig,
    run: RunFolder,
    start: Path | None = None,
    watch: Watch | None = None,
) -> ScoringModel:
    """Train a model and keep it in memory.

    Args:
        samples: Of the splits `train` and `validation`; others are passed over.
        settings: Say which base, precision and device.
        config: How to train.
        run: Where checkpoints go.
        start: An adapter to go on from.
        watch: Is told the validation loss on the way, and may stop all by an exception.

    Raises:
        TrainingError: the GPU's memory ran out.
    """
    set_seed(config.seed)
    tokenizer = load_tokenizer(find_base(settings.base_model))
    lessons = _lessons([sample for sample in samples if sample.split == "train"], config)
    model = new_model(settings, config, sum(lesson.steps for lesson in lessons), start)
    validation = [sample for sample in samples if sample.split == "validation"]
    validation.sort(key=lambda sample: len(sample.text))  # So that little padding is computed.
    course = Course(model, tokenizer, validation, config, run, watch)
    for lesson in lessons:
        if not run.take_stage(lesson.number, model):
            course.learn(lesson)
            run.finish_stage(lesson.number, model)
    return model


def _lessons(training: Sequence[Sample], config: TrainConfig) -> list[Lesson]:
    lessons: list[Lesson] = []
    batch = config.batch_size * config.accumulation * PartialState().num_processes
    before = 0
    for number, stage in enumerate(config.stages, start=1):
        rows = select(training, stage, config)
        steps = stage.epochs * -(-len(rows) // batch)
        lessons.append(Lesson(number, stage, rows, steps, before))
        before += steps
    return lessons


@dataclass(frozen=True)
class Course:
    """What all stages of a run share."""

    model: ScoringModel
    tokenizer: PreTrainedTokenizerBase
    validation: Sequence[Sample]
    config: TrainConfig
    run: RunFolder
    watch: Watch | None = None

    def learn(self, lesson: Lesson) -> None:
        """Train through one stage, from its last checkpoint if there is one.

        Raises:
            TrainingError: the GPU's memory ran out.
        """
        checkpoint = self.run.checkpoint(lesson.number)
        trainer = self._trainer(lesson)
        try:
            with keeping_biases(self.model):
                trainer.train(resume_from_checkpoint=checkpoint and str(checkpoint))
        except torch.OutOfMemoryError as error:
            raise TrainingError(
                f"the GPU: expected room for batches of {self.config.batch_size} messages, found "
                "its memory full. Lower batch_size and raise accumulation by as much, or set "
                "gradient_checkpointing = true."
            ) from error
        # Else it would go on to compute in bfloat16, unlike the adapter that is made of it.
        trainer.accelerator.unwrap_model(self.model, keep_fp32_wrapper=False)

    def _trainer(self, lesson: Lesson) -> HeadsTrainer:
        config, model, steps = self.config, self.model, lesson.steps
        groups = parameter_groups(model, config, lesson.stage.rate)
        optimizer = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
        warmup = int(steps * config.warmup_share)
        schedule = get_cosine_schedule_with_warmup(optimizer, warmup, steps)
        change = (
            augmenter(config.augment, config.augment_rate, config.seed) if config.augment else None
        )
        rows = TokenizedSamples(lesson.rows, self.tokenizer, change)
        return HeadsTrainer(
            heads=config.heads,
            fgm=Fgm(model.encoder, config.adversarial) if config.adversarial else None,
            model=model,
            args=self._arguments(lesson),
            train_dataset=rows,
            eval_dataset=TokenizedSamples(self.validation, self.tokenizer) if self._looks else None,
            data_collator=Collate(self.tokenizer, list(config.heads)),
            optimizers=(optimizer, schedule),
            callbacks=self._callbacks(rows, lesson.before),
        )

    def _callbacks(self, rows: TokenizedSamples, done: int) -> list[TrainerCallback]:
        chosen = callbacks(self.config, self.model, rows, done, self.run.logs, stops=self._stops)
        return [*chosen, Watcher(self.watch, done)] if self.watch else chosen

    @property
    def _stops(self) -> bool:
        """Whether the validation loss may end a stage."""
        return bool(self.config.patience and self.validation)

    @property
    def _looks(self) -> bool:
        """Whether the validation loss is computed on the way."""
        return bool((self.config.patience or self.watch) and self.validation)

    def _arguments(self, lesson: Lesson) -> TrainingArguments:
        config = self.config
        device = next(self.model.parameters()).device
        per_evaluation = lesson.steps // (lesson.stage.epochs * config.evaluations)
        look = max(1, per_evaluation)
        return TrainingArguments(
            output_dir=str(self.run.stage(lesson.number)),
            num_train_epochs=lesson.stage.epochs,
            per_device_train_batch_size=config.batch_size,
            per_device_eval_batch_size=4 * config.batch_size,
            gradient_accumulation_steps=config.accumulation,
            bf16=computes_in_bf16(config.bf16, device),
            remove_unused_columns=False,
            eval_strategy="steps" if self._looks else "no",
            eval_steps=look,
            save_strategy="steps",
            # The best weights can be kept only of steps that are looked at.
            save_steps=look if self._stops else config.checkpoint_steps,
            save_total_limit=1,
            load_best_model_at_end=self._stops,
            metric_for_best_model="eval_loss" if self._stops else None,
            greater_is_better=False,
            logging_steps=max(1, min(50, lesson.steps // 10)),
            report_to="wandb" if "wandb" in config.report_to else "none",
            seed=config.seed,
            use_cpu=device.type == "cpu",
            dataloader_pin_memory=device.type == "cuda",
            disable_tqdm=True,  # There is a bar of our own.
            ddp_find_unused_parameters=False,
        )
